using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Limits the encryption handshakes of incoming connections, which cost CPU time before anything is known of the peer. Safe for use by many threads.</summary>
/// <remarks>Only those that pass are counted, so that a flood of one client does not use up what others may do. On loopback each end point is a client.</remarks>
internal sealed class EncryptionLimiter
{
    internal const int MostPerClient = 20; // in ClientWindow: a client with many torrents dials us once for each
    internal const int Most = 100; // in a second
    internal const long ClientWindow = 10 * MonotonicClock.Second;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, int> _clients = []; // at most Most for each second of the window
    private long _windowEnds;
    private long _secondEnds;
    private int _inSecond;

    /// <summary>Counts a handshake.</summary>
    /// <returns>Whether it may be done; otherwise the connection is closed.</returns>
    public bool TryPass(PeerEndPoint peer, long now)
    {
        lock (_lock)
        {
            if (now >= _secondEnds)
            {
                (_secondEnds, _inSecond) = (now + MonotonicClock.Second, 0);
            }

            if (now >= _windowEnds)
            {
                _windowEnds = now + ClientWindow;
                _clients.Clear();
            }

            var client = PeerClient.KeyOf(peer);
            var count = _clients.GetValueOrDefault(client);
            if (count >= MostPerClient || _inSecond >= Most)
            {
                return false;
            }

            _clients[client] = count + 1;
            _inSecond++;
            return true;
        }
    }
}
