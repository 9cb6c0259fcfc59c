namespace Distribyted.BitTorrent.Discovery;

/// <summary>What has changed about a torrent, or about this machine, since a source of peers was started.</summary>
public enum SwarmChange
{
    /// <summary>The metadata arrived: <see cref="ISwarmPort.HasMetadata"/> and <see cref="ISwarmPort.IsPrivate"/> tell the truth from now on.</summary>
    Metadata,

    /// <summary>The torrent has other trackers (<see cref="ISwarmPort.Trackers"/>).</summary>
    Trackers,

    /// <summary>The last missing piece was stored. Comes once in a run.</summary>
    Completed,

    /// <summary>This machine was away for a moment: what failed may work now.</summary>
    NetworkReturned,

    /// <summary>Others may have forgotten us, or know an address of ours that is gone: this machine was away for long, or has another address or port.</summary>
    PresenceLost,
}
