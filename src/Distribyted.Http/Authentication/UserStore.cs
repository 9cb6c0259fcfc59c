using System.Collections.Frozen;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;

namespace Distribyted.Http.Authentication;

/// <summary>Users as the sign-in needs them. An unknown name costs what a known one costs and answers the same.</summary>
internal sealed class UserStore
{
    private readonly HttpAccessOptions _options;
    private readonly StoredUser _nobody = new(HttpUser.Create("", Convert.ToHexString(RandomNumberGenerator.GetBytes(32))), isKnown: false);
    private Snapshot _snapshot;

    public UserStore(HttpAccessOptions options)
    {
        _options = options;
        _snapshot = new Snapshot(options.Users);
        Everybody = Success(UserClaims.Principal("anybody", UserRights.Full, []));
    }

    /// <summary>Who comes in where no sign-in is asked for: everything is allowed.</summary>
    public AuthenticateResult Everybody { get; }

    /// <summary>The user of this name, or one who has no name and no password that anybody knows.</summary>
    public StoredUser Find(string name)
    {
        var snapshot = Volatile.Read(ref _snapshot);
        if (!ReferenceEquals(snapshot.Source, _options.Users))
        {
            snapshot = new Snapshot(_options.Users);
            Volatile.Write(ref _snapshot, snapshot);
        }

        return snapshot.Users.GetValueOrDefault(name, _nobody);
    }

    private static AuthenticateResult Success(ClaimsPrincipal principal)
    {
        return AuthenticateResult.Success(new AuthenticationTicket(principal, HttpAccessServices.Scheme));
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

        public StoredUser(HttpUser user, bool isKnown)
        {
            IsKnown = isKnown;
            _sha256 = Convert.FromHexString(user.HashSha256);
            HashMd5 = user.HashMd5.ToLowerInvariant();
            HashSha256 = user.HashSha256.ToLowerInvariant();
            Success = UserStore.Success(UserClaims.Principal(user.Name, user.Rights, user.Routes));
        }

        /// <summary>Whether there is a user of the name that was asked for.</summary>
        public bool IsKnown { get; }

        /// <summary>HA1 with MD5, lower-case hex.</summary>
        public string HashMd5 { get; }

        /// <summary>HA1 with SHA-256, lower-case hex.</summary>
        public string HashSha256 { get; }

        /// <summary>What a right password leads to.</summary>
        public AuthenticateResult Success { get; }

        /// <summary>Whether <c>name:realm:password</c> in UTF-8 is this user; the time taken says nothing of where it differs.</summary>
        public bool Is(ReadOnlySpan<byte> nameRealmPassword)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(nameRealmPassword, hash);
            return CryptographicOperations.FixedTimeEquals(hash, _sha256);
        }
    }
}
