using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.LocalDiscovery;

/// <summary>Local discovery of one torrent.</summary>
/// <param name="services">Of the session.</param>
/// <param name="port">The torrent.</param>
internal sealed class LocalSource(LocalDiscoveryServices services, ISwarmPort port) : IPeerSource
{
    private int _state;
    private bool _hasFound; // read without a lock

    private enum State
    {
        New,
        Started,
        Stopped,
    }

    public PeerOrigin Origin => PeerOrigin.LocalDiscovery;

    /// <remarks>A torrent that no peer here has is no trouble of this source, but it has brought no peers: what trackers say is shown then.</remarks>
    public string? Trouble => Volatile.Read(ref _hasFound) ? null : "no peer in the local network has announced it";

    public InfoHash InfoHash => port.InfoHash;

    public ISwarmPort Port => port;

    /// <summary>Goes before others at its next announce. Guarded by the lock of the services.</summary>
    public bool IsUrgent { get; set; }

    public void Start()
    {
        if (Interlocked.CompareExchange(ref _state, (int)State.Started, (int)State.New) == (int)State.New)
        {
            services.Add(this);
        }
    }

    public void WantPeers()
    {
        services.Hurry(this, isForgotten: false);
    }

    public void Changed(SwarmChange change)
    {
        if (change is SwarmChange.PresenceLost)
        {
            services.Hurry(this, isForgotten: true);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Volatile.Write(ref _state, (int)State.Stopped);
        services.Remove(this);
        return Task.CompletedTask;
    }

    /// <summary>A peer of the local network has it.</summary>
    public void Found(PeerEndPoint peer)
    {
        if (Volatile.Read(ref _state) == (int)State.Started)
        {
            Volatile.Write(ref _hasFound, true);
            port.AddPeers([peer], PeerOrigin.LocalDiscovery);
        }
    }
}
