using System.Collections.Concurrent;
using Distribyted.BitTorrent.Discovery.LocalDiscovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.LocalDiscovery;

namespace Distribyted.BitTorrent.Discovery.Tests.LocalDiscovery;

/// <summary>A local network without wires. It remembers what was sent.</summary>
internal sealed class FakeMulticast : IMulticast
{
    private Action<LocalAnnounce, PeerEndPoint> _received = static (_, _) => { };

    public ConcurrentQueue<LocalAnnounce> Sent { get; } = new();

    /// <summary>Called for each announce.</summary>
    public Action<LocalAnnounce>? Answer { get; set; }

    public bool IsStarted { get; private set; }

    public int Refreshes { get; private set; }

    public void Hear(LocalAnnounce announce, PeerEndPoint from)
    {
        _received(announce, from);
    }

    public void Start(Action<LocalAnnounce, PeerEndPoint> received)
    {
        _received = received;
        IsStarted = true;
    }

    public void Send(LocalAnnounce announce)
    {
        Sent.Enqueue(announce);
        Answer?.Invoke(announce);
    }

    public void Refresh()
    {
        Refreshes++;
    }

    public ValueTask DisposeAsync()
    {
        return ValueTask.CompletedTask;
    }
}
