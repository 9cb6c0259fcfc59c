using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Extensions;

/// <summary>Peer exchange (BEP 11): once a minute each peer is told who joined and who left; at most 50 each way.</summary>
internal sealed class PexExtension
{
    private const long RoundLength = 60 * MonotonicClock.Second;
    private const int MaxPeers = 50;

    private long _lastRound = long.MinValue / 2;

    /// <summary>What to send to whom; nothing between rounds.</summary>
    public List<(PeerConnection Peer, byte[] Message)> Round(IReadOnlyList<PeerConnection> peers, long now)
    {
        List<(PeerConnection, byte[])> messages = [];
        if (now - _lastRound < RoundLength)
        {
            return messages;
        }

        _lastRound = now;
        Dictionary<PeerEndPoint, PeerConnection> here = [];
        foreach (var peer in peers)
        {
            if (peer.Listens is { } listens)
            {
                here.TryAdd(listens, peer); // anybody may say that it listens where another one does
            }
        }

        foreach (var peer in peers)
        {
            if (peer.Extensions?.PexId is not (> 0 and var id))
            {
                continue;
            }

            var told = peer.ToldByPex ??= [];
            var added = here.Where(h => h.Key != peer.Listens && !told.Contains(h.Key) && MayBeTold(peer, h.Key)).Take(MaxPeers).ToList();
            var dropped = told.Where(t => !here.ContainsKey(t)).Take(MaxPeers).ToList();
            if (added.Count == 0 && dropped.Count == 0)
            {
                continue;
            }

            told.UnionWith(added.Select(static a => a.Key));
            told.ExceptWith(dropped);
            messages.Add((peer, ExtensionMessages.Pex(id, added.ConvertAll(static a => new PexPeer(a.Key, FlagsOf(a.Value))), dropped)));
        }

        return messages;
    }

    /// <summary>Peers that a peer tells of; empty when it speaks more often than BEP 11 allows.</summary>
    public IReadOnlyList<PeerEndPoint> Received(PeerConnection peer, ReadOnlySpan<byte> payload, long now)
    {
        var message = PexMessage.Read(payload);
        const long Patience = RoundLength - (10 * MonotonicClock.Second); // clocks differ
        if (now - peer.PexReceivedAt < Patience)
        {
            return [];
        }

        peer.PexReceivedAt = now;
        return [.. message.Added.Take(MaxPeers).Select(static p => p.EndPoint)];
    }

    /// <summary>A peer on the internet hears nothing of our own network, where it could reach nobody anyway.</summary>
    private static bool MayBeTold(PeerConnection peer, PeerEndPoint of)
    {
        return AddressGuard.ScopeOf(of.Address) == AddressScope.Global
            || AddressGuard.ScopeOf(peer.Remote.Address) is AddressScope.Private or AddressScope.Loopback;
    }

    private static PexFlags FlagsOf(PeerConnection peer)
    {
        return (peer.IsSeed ? PexFlags.UploadOnly : PexFlags.None) | (peer.IsOutgoing ? PexFlags.Reachable : PexFlags.None);
    }
}
