using System.Collections.Frozen;
using System.Security.Cryptography;
using Distribyted.Http.Users;
using Microsoft.AspNetCore.Authentication;

namespace Distribyted.Http.Authentication;

/// <summary>Users as the sign-in needs them. An unknown name costs what a known one costs and answers the same.</summary>
internal sealed class UserStore
{
    private readonly HttpAccessOptions _options;
    private readonly StoredUser _unknown = new(
        HttpUser.Create("", Convert.ToHexString(RandomNumberGenerator.GetBytes(32))),
        isKnown: false
    );
    private Snapshot _snapshot;

    public UserStore(HttpAccessOptions options)
    {
        _options = options;
        _snapshot = new Snapshot(options.Users);
        Anonymous = new Principals("anybody", UserRights.Full, []);
    }

    /// <summary>The user of requests that need no sign-in: may do whatever the listener allows.</summary>
    public Principals Anonymous { get; }

    /// <summary>The user of this name, or one without a name, whose password is random.</summary>
    public StoredUser Find(string name)
    {
        var snapshot = Volatile.Read(ref _snapshot);
        if (!ReferenceEquals(snapshot.Source, _options.Users))
        {
            snapshot = new Snapshot(_options.Users);
            Volatile.Write(ref _snapshot, snapshot);
        }

        return snapshot.Users.GetValueOrDefault(name, _unknown);
    }

    private sealed class Snapshot(IReadOnlyList<HttpUser> users)
    {
        public IReadOnlyList<HttpUser> Source { get; } = users;

        public FrozenDictionary<string, StoredUser> Users { get; } =
            users
                .DistinctBy(user => user.Name, StringComparer.Ordinal)
                .ToFrozenDictionary(user => user.Name, user => new StoredUser(user, isKnown: true), StringComparer.Ordinal);
    }

    /// <summary>A user with everything that can be computed once.</summary>
    internal sealed class StoredUser
    {
        private readonly byte[] _sha256;
        private readonly Principals _principals;

        public StoredUser(HttpUser user, bool isKnown)
        {
            User = user;
            IsKnown = isKnown;
            _sha256 = Convert.FromHexString(user.HashSha256);
            HashMd5 = user.HashMd5.ToLowerInvariant();
            HashSha256 = user.HashSha256.ToLowerInvariant();
            _principals = new Principals(user.Name, user.Rights, user.Routes);
        }

        public HttpUser User { get; }

        /// <summary>Whether there is a user of the name that was asked for.</summary>
        public bool IsKnown { get; }

        /// <summary>HA1 with MD5, lower-case hex.</summary>
        public string HashMd5 { get; }

        /// <summary>HA1 with SHA-256, lower-case hex.</summary>
        public string HashSha256 { get; }

        /// <summary>What a right password leads to.</summary>
        /// <param name="most">The rights of the listener: no user has more through it.</param>
        public AuthenticateResult Success(UserRights most)
        {
            return _principals.Success(most);
        }

        /// <summary>Whether <c>name:realm:password</c> in UTF-8 is this user; the time taken says nothing of where it differs.</summary>
        public bool Is(ReadOnlySpan<byte> nameRealmPassword)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(nameRealmPassword, hash);
            return CryptographicOperations.FixedTimeEquals(hash, _sha256);
        }
    }
}
