using System.Net.Sockets;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Whether this machine can reach any peer: errors that arise here are no peer's failure, and hold all dials of that address family
/// for a moment instead of going through every known peer. Safe for use by many threads; times are microseconds of the engine's clock.</summary>
internal sealed class OwnNetwork(bool hasIPv4 = true, bool hasIPv6 = true)
{
    internal const long FirstHold = 500 * MonotonicClock.Millisecond;
    internal const long LongestHold = 2 * MonotonicClock.Second;
    private const long AtOnce = 20 * MonotonicClock.Millisecond; // an answer from farther than our own router takes longer

    private readonly Lock _lock = new();
    private readonly (long Until, long Length)[] _holds = new (long, long)[2];

    /// <summary>Whether a dial may be tried now.</summary>
    public bool MayDial(bool isIPv6, long now)
    {
        return (isIPv6 ? hasIPv6 : hasIPv4) && now >= Volatile.Read(ref _holds[isIPv6 ? 1 : 0].Until);
    }

    /// <summary>Looks at a dial that failed.</summary>
    /// <param name="isIPv6">Its address family.</param>
    /// <param name="error">Why it failed.</param>
    /// <param name="took">Microseconds that it took.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether it was our own network that failed.</returns>
    public bool IsToBlame(bool isIPv6, SocketError error, long took, long now)
    {
        // "Host unreachable" is missing on purpose: one neighbour that is switched off causes it, and must not hold the others.
        var own =
            error is SocketError.NetworkDown or SocketError.AddressNotAvailable or SocketError.NoBufferSpaceAvailable
            || (error is SocketError.NetworkUnreachable && took < AtOnce);
        if (own)
        {
            Hold(ref _holds[isIPv6 ? 1 : 0], now);
        }

        return own;
    }

    /// <summary>A peer was reached over this family.</summary>
    public void Works(bool isIPv6)
    {
        if (Volatile.Read(ref _holds[isIPv6 ? 1 : 0].Length) != 0)
        {
            Reset(isIPv6);
        }
    }

    /// <summary>There is news of our own network: dials may be tried at once.</summary>
    public void Reset()
    {
        Reset(isIPv6: false);
        Reset(isIPv6: true);
    }

    private void Reset(bool isIPv6)
    {
        lock (_lock)
        {
            _holds[isIPv6 ? 1 : 0] = default;
        }
    }

    private void Hold(ref (long Until, long Length) hold, long now)
    {
        lock (_lock)
        {
            if (now < hold.Until)
            {
                return; // the others that were under way tell nothing new
            }

            hold.Length = hold.Length == 0 ? FirstHold : Math.Min(LongestHold, 2 * hold.Length);
            Volatile.Write(ref hold.Until, now + hold.Length);
        }
    }
}
