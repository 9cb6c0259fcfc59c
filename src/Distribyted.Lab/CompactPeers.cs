using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Lab;

/// <summary>Addresses of peers as announces are answered with them: 6 bytes each (BEP 23), or 18 for IPv6 (BEP 7).</summary>
internal static class CompactPeers
{
    internal static byte[] Write(IReadOnlyList<PeerEndPoint> peers, bool ipv6)
    {
        var chosen = peers.Where(peer => peer.IsIPv6 == ipv6).ToArray();
        var bytes = new byte[chosen.Length * (ipv6 ? 18 : 6)];
        var at = 0;
        foreach (var peer in chosen)
        {
            at += peer.WriteCompact(bytes.AsSpan(at));
        }

        return bytes;
    }
}
