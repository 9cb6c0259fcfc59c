namespace Distribyted.BitTorrent.Protocol.Utp;

/// <summary>What a µTP packet is for (BEP 29).</summary>
public enum UtpPacketType
{
    /// <summary>Carries bytes of the stream.</summary>
    Data = 0,

    /// <summary>The last packet of the stream.</summary>
    Fin = 1,

    /// <summary>Acknowledges, and has no sequence number of its own.</summary>
    State = 2,

    /// <summary>Ends the connection at once.</summary>
    Reset = 3,

    /// <summary>Opens a connection.</summary>
    Syn = 4,
}
