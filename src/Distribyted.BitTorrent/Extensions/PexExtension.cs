using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Extensions;

/// <summary><c>ut_pex</c>, peer exchange (BEP 11): once a minute each peer is told who joined and who left; at most 50 each way.</summary>
internal sealed class PexExtension(IExtensionSwarm swarm) : IPeerExtension
{
    private const long RoundLength = 60 * MonotonicClock.Second;
    private const long ShortestPause = RoundLength - (10 * MonotonicClock.Second); // between two messages of a peer: clocks differ
    private const int MaxPeers = 50;

    private readonly Dictionary<Peer, HashSet<PeerEndPoint>> _told = [];
    private readonly Dictionary<Peer, long> _receivedAt = [];
    private long _lastRound = long.MinValue / 2;

    /// <summary>Told whom a peer named.</summary>
    public Action<Peer, IReadOnlyList<PexPeer>>? Named { get; set; }

    public string Name => "ut_pex";

    public byte LocalId => 1;

    public int MaxLength => PeerMessageReader.MaxExtendedLength;

    public bool IsOffered => swarm.MayExchangePeers;

    /// <summary>Whom we told this peer of, and not yet that they left.</summary>
    public IReadOnlyCollection<PeerEndPoint> ToldTo(Peer peer)
    {
        return _told.TryGetValue(peer, out var told) ? told : [];
    }

    /// <summary>Takes over the peers that a peer tells of, unless it does so more often than BEP 11 allows.</summary>
    public void Received(Peer peer, ReadOnlySpan<byte> payload, long now)
    {
        var message = PexMessage.Read(payload);
        if (_receivedAt.TryGetValue(peer, out var before) && now - before < ShortestPause)
        {
            return;
        }

        _receivedAt[peer] = now;
        if (message.Added.Count > 0)
        {
            Named?.Invoke(peer, [.. message.Added.Take(MaxPeers)]); // before they are dialled
            foreach (var named in message.Added.Take(MaxPeers).Where(static p => p.Flags.HasFlag(PexTraits.PrefersEncryption)))
            {
                swarm.PrefersEncryption(named.EndPoint);
            }

            swarm.AddPeers([.. message.Added.Take(MaxPeers).Select(static p => p.EndPoint)], peer.Remote.Address);
        }
    }

    public void Heartbeat(long now)
    {
        if (swarm.Info is null || !swarm.MayExchangePeers || now - _lastRound < RoundLength)
        {
            return; // before the metadata is here the torrent may be a private one
        }

        _lastRound = now;
        Dictionary<PeerEndPoint, Peer> connected = [];
        foreach (var peer in swarm.Peers)
        {
            if (peer.Listens is { } listens)
            {
                connected.TryAdd(listens, peer); // a peer may say that it listens where another one does
            }
        }

        foreach (var peer in swarm.Peers)
        {
            if (peer.Extensions?.IdOf(Name) is > 0 and var id)
            {
                Tell(peer, id, connected);
            }
        }
    }

    public void PeerLeft(Peer peer, long now)
    {
        _told.Remove(peer);
        _receivedAt.Remove(peer);
    }

    private void Tell(Peer peer, byte id, Dictionary<PeerEndPoint, Peer> connected)
    {
        if (!_told.TryGetValue(peer, out var told))
        {
            _told[peer] = told = [];
        }

        var added = connected.Where(c => c.Key != peer.Listens && !told.Contains(c.Key) && MayBeTold(peer, c.Key)).Take(MaxPeers).ToList();
        var dropped = told.Where(t => !connected.ContainsKey(t)).Take(MaxPeers).ToList();
        if (added.Count == 0 && dropped.Count == 0)
        {
            return;
        }

        told.UnionWith(added.Select(static a => a.Key));
        told.ExceptWith(dropped);
        var message = new PexMessage(added.ConvertAll(static a => new PexPeer(a.Key, FlagsOf(a.Value))), dropped);
        swarm.Send(peer, ExtensionMessages.Make(id, message.Write));
    }

    /// <summary>A peer on the internet is told of no address of our own network, which it could not reach anyway.</summary>
    private static bool MayBeTold(Peer peer, PeerEndPoint of)
    {
        return AddressGuard.ScopeOf(of.Address) == AddressScope.Global
            || AddressGuard.ScopeOf(peer.Remote.Address) is AddressScope.Private or AddressScope.Loopback;
    }

    private static PexTraits FlagsOf(Peer peer)
    {
        return (peer.IsEncrypted ? PexTraits.PrefersEncryption : PexTraits.None)
            | (peer.IsSeed ? PexTraits.UploadOnly : PexTraits.None)
            | (peer.IsOutgoing ? PexTraits.Reachable : PexTraits.None)
            | (peer.IsOverUtp ? PexTraits.SupportsUtp : PexTraits.None)
            | (peer.Extensions?.IdOf(HolepunchExtension.ExtensionName) > 0 ? PexTraits.SupportsHolepunch : PexTraits.None);
    }
}
