namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>What a peer says: the id on the wire where there is one.</summary>
internal enum PeerMessageKind : short
{
    /// <summary>An id that is not spoken here; skipped.</summary>
    Unknown = -2,

    /// <summary>A length of zero, without an id.</summary>
    KeepAlive = -1,

    // BEP 3
    Choke = 0,
    Unchoke = 1,
    Interested = 2,
    NotInterested = 3,
    Have = 4,
    Bitfield = 5,
    Request = 6,
    Piece = 7,
    Cancel = 8,

    /// <summary>The peer's DHT port (BEP 5).</summary>
    Port = 9,

    // BEP 6
    Suggest = 13,
    HaveAll = 14,
    HaveNone = 15,
    Reject = 16,
    AllowedFast = 17,

    /// <summary>BEP 10.</summary>
    Extended = 20,
}
