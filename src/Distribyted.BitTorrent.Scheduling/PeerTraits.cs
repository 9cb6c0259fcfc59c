namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What a peer is like; only how much it queues may become known later.</summary>
/// <param name="HostKey">Equal for connections that share a line: same address, same web-seed host. Hedges go to different ones.</param>
/// <param name="MaxRequests">The peer's <c>reqq</c> (BEP 10), or our assumption.</param>
/// <param name="DialRtt">Microseconds of the quickest round trip seen so far: dial or handshake.</param>
/// <param name="Fast">Speaks the fast extension (BEP 6): a choke is followed by rejects.</param>
public readonly record struct PeerTraits(ulong HostKey, int MaxRequests, long DialRtt, bool Fast);
