namespace Distribyted.BitTorrent.Peers;

/// <summary>How fast a peer sends and receives, measured over two seconds. Guarded by the swarm's lock.</summary>
internal struct PeerRates
{
    private const long Window = 2 * MonotonicClock.Second;

    private long _since;
    private long _downloadedBefore;
    private long _uploadedBefore;

    /// <summary>Payload bytes per second from the peer; 0 until the first window is over.</summary>
    public long Download { get; private set; }

    /// <summary>Payload bytes per second to the peer; 0 until the first window is over.</summary>
    public long Upload { get; private set; }

    /// <summary>Once a second: closes the window when it is long enough.</summary>
    /// <param name="downloaded">Payload bytes from the peer since it connected.</param>
    /// <param name="uploaded">Payload bytes to the peer since it connected.</param>
    /// <param name="connectedAt">When the first window began.</param>
    /// <param name="now">The time.</param>
    public void Measure(long downloaded, long uploaded, long connectedAt, long now)
    {
        var since = _since == 0 ? connectedAt : _since;
        var length = now - since;
        if (length < Window)
        {
            return;
        }

        Download = (downloaded - _downloadedBefore) * MonotonicClock.Second / length;
        Upload = (uploaded - _uploadedBefore) * MonotonicClock.Second / length;
        (_since, _downloadedBefore, _uploadedBefore) = (now, downloaded, uploaded);
    }
}
