namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>What one peer says of another (BEP 11). Claims, all of them.</summary>
[Flags]
internal enum PexFlags : byte
{
    None = 0,
    PrefersEncryption = 0x01,
    UploadOnly = 0x02,
    SupportsUtp = 0x04,
    SupportsHolepunch = 0x08,
    Reachable = 0x10,
}

/// <summary>A peer that another one is connected to.</summary>
internal readonly record struct PexPeer(PeerEndPoint EndPoint, PexFlags Flags);
