namespace Distribyted.BitTorrent.Swarms;

/// <summary>Why a reader waits for a piece.</summary>
public enum WaitCause
{
    /// <summary>It does not wait.</summary>
    None,

    /// <summary>No peer has sent the metadata.</summary>
    MetadataMissing,

    /// <summary>The disk takes no more bytes.</summary>
    DiskFull,

    /// <summary>The piece cache, or the memory of pieces that are on their way, has no space that may be reused: other readers need what it holds.</summary>
    CacheFull,

    /// <summary>Our own limit of the download rate.</summary>
    RateLimit,

    /// <summary>All that was asked for comes from one peer.</summary>
    OneSlowPeer,

    /// <summary>Peers were asked and are silent for longer than they should be.</summary>
    PeersSilent,

    /// <summary>Blocks are on their way from several peers.</summary>
    Arriving,

    /// <summary>No peer is known, and every source of peers says why.</summary>
    SourcesFail,

    /// <summary>No peer is known yet.</summary>
    NoPeersKnown,

    /// <summary>Connections are being made.</summary>
    Connecting,

    /// <summary>As many connections are open, or being made, as are allowed.</summary>
    ConnectionLimit,

    /// <summary>Peers are known and none can be connected to.</summary>
    PeersUnreachable,

    /// <summary>No connected peer has the piece.</summary>
    NoSeedHasPiece,

    /// <summary>The peers that have the piece choke us.</summary>
    AllChoke,

    /// <summary>A peer could give the piece, and is about to be asked.</summary>
    AboutToAsk,
}
