namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>What a peer says: the id on the wire where there is one.</summary>
public enum PeerMessageKind : short
{
    /// <summary>An id that is not spoken here; skipped.</summary>
    Unknown = -2,

    /// <summary>A length of zero, without an id.</summary>
    KeepAlive = -1,

    // BEP 3

    /// <summary>Requests are not answered from now on.</summary>
    Choke = 0,

    /// <summary>Requests are answered from now on.</summary>
    Unchoke = 1,

    /// <summary>The sender wants a piece that the receiver has.</summary>
    Interested = 2,

    /// <summary>The sender wants nothing that the receiver has.</summary>
    NotInterested = 3,

    /// <summary>The sender has one more piece.</summary>
    Have = 4,

    /// <summary>Which pieces the sender has.</summary>
    Bitfield = 5,

    /// <summary>Asks for a block.</summary>
    Request = 6,

    /// <summary>Carries a block.</summary>
    Piece = 7,

    /// <summary>Takes a request back.</summary>
    Cancel = 8,

    /// <summary>The peer's DHT port (BEP 5).</summary>
    Port = 9,

    // BEP 6

    /// <summary>Suggests a piece to ask for (BEP 6).</summary>
    Suggest = 13,

    /// <summary>The sender has every piece (BEP 6).</summary>
    HaveAll = 14,

    /// <summary>The sender has no piece (BEP 6).</summary>
    HaveNone = 15,

    /// <summary>A request will not be answered (BEP 6).</summary>
    Reject = 16,

    /// <summary>A piece that may be asked for while choked (BEP 6).</summary>
    AllowedFast = 17,

    /// <summary>BEP 10.</summary>
    Extended = 20,
}
