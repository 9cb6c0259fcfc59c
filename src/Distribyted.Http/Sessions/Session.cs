using System.Security.Cryptography;
using System.Text;

namespace Distribyted.Http.Sessions;

/// <summary>A browser that is signed in. Its id is known to the browser alone: what is kept of it is a hash.</summary>
/// <param name="key">The hash of the id (<see cref="SessionId.Key"/>).</param>
/// <param name="user">The name of the user.</param>
/// <param name="proof">Ties the session to the password (<see cref="Prove"/>).</param>
/// <param name="created">When the user signed in.</param>
/// <param name="used">When the last request came.</param>
internal sealed class Session(string key, string user, string proof, DateTimeOffset created, DateTimeOffset used) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();

    public string Key { get; } = key;

    public string User { get; } = user;

    public string Proof { get; } = proof;

    public DateTimeOffset Created { get; } = created;

    /// <summary>When the last request came. Guarded by the lock of the store.</summary>
    public DateTimeOffset Used { get; set; } = used;

    /// <summary>The part of <see cref="Used"/> that the file knows. Guarded by the lock of the store.</summary>
    public DateTimeOffset Saved { get; set; } = used;

    /// <summary>Cancelled when the session ends: requests that are still open (events, the connection of a page) end with it.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>What ties a session to a password: without the id it tells nothing of the password, and with another password it is another.</summary>
    /// <param name="id">The id, which is not kept.</param>
    /// <param name="passwordHash">The user's HA1.</param>
    public static string Prove(SessionId id, string passwordHash)
    {
        return Convert.ToHexStringLower(HMACSHA256.HashData(id.Bytes, Encoding.UTF8.GetBytes(passwordHash)));
    }

    /// <summary>Whether the user still has the password with which the session began.</summary>
    public bool IsProved(SessionId id, string passwordHash)
    {
        return string.Equals(Prove(id, passwordHash), Proof, StringComparison.Ordinal);
    }

    /// <summary>Ends the open requests.</summary>
    public void End()
    {
        _ended.Cancel();
    }

    public void Dispose()
    {
        _ended.Dispose();
    }
}
