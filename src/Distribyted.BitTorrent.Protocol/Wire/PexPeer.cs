namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>What one peer says of another (BEP 11). Claims, all of them.</summary>
[Flags]
public enum PexTraits : byte
{
    /// <summary>Nothing is known.</summary>
    None = 0,

    /// <summary>Prefers encrypted connections.</summary>
    PrefersEncryption = 0x01,

    /// <summary>Uploads only: a seed.</summary>
    UploadOnly = 0x02,

    /// <summary>Speaks uTP (BEP 29).</summary>
    SupportsUtp = 0x04,

    /// <summary>Speaks the holepunch extension (BEP 55).</summary>
    SupportsHolepunch = 0x08,

    /// <summary>Accepts connections.</summary>
    Reachable = 0x10,
}

/// <summary>A peer that another one is connected to.</summary>
public readonly record struct PexPeer(PeerEndPoint EndPoint, PexTraits Flags);
