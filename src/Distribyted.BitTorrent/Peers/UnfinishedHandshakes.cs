using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Incoming connections whose handshake is not done yet: bounded, and the oldest one is closed for a new one. Safe for use by many threads.</summary>
/// <remarks>A client that opens connections and is silent closes only its own: with too many from one address the oldest of that address goes, and with too
/// many in all the oldest of the address that has most. Addresses of this machine have no limit of their own: a proxy or tunnel may bring everybody.</remarks>
internal sealed class UnfinishedHandshakes
{
    internal const int Most = 100;
    internal const int MostPerClient = 8;

    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = []; // oldest first; guarded by _lock

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Adds a connection; <paramref name="socket"/> is disposed when it has to be closed for a newer one. Who calls this calls <see cref="Remove"/> in the end.</summary>
    public Entry Add(PeerEndPoint remote, IDisposable socket)
    {
        var entry = new Entry(PeerClient.Of(remote), socket);
        Entry? leaves;
        lock (_lock)
        {
            leaves = WhichToClose(entry.Client);
            if (leaves is not null)
            {
                _entries.Remove(leaves);
            }

            _entries.Add(entry);
        }

        leaves?.Socket.Dispose();
        return entry;
    }

    /// <summary>The handshake is done, or was given up.</summary>
    public void Remove(Entry entry)
    {
        lock (_lock)
        {
            _entries.Remove(entry);
        }
    }

    private Entry? WhichToClose(PeerEndPoint client)
    {
        if (!IPAddress.IsLoopback(client.Address) && _entries.Count(e => e.Client == client) >= MostPerClient)
        {
            return _entries.First(e => e.Client == client);
        }

        if (_entries.Count < Most)
        {
            return null;
        }

        return _entries.GroupBy(static e => e.Client).MaxBy(static g => g.Count())!.First();
    }

    /// <summary>One of them.</summary>
    internal sealed class Entry(PeerEndPoint client, IDisposable socket)
    {
        public PeerEndPoint Client { get; } = client;

        public IDisposable Socket { get; } = socket;
    }
}
