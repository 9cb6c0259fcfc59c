using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Extensions;

/// <summary><c>ut_holepunch</c> (BEP 55): two peers behind NATs dial one another over µTP at the same moment, because a third that is connected to both tells
/// them to. We ask for it, do it, and tell others.</summary>
/// <remarks>
/// <para>It is asked for when a peer that peer exchange named could not be dialled: who named it is connected to it, and is the relay. A peer that is flagged as speaking
/// the extension and not as reachable is behind a NAT, most likely: for it the answer to our dial is awaited for a second at most. Once per peer and naming.</para>
/// <para>As relay we connect only peers of this swarm that are connected to us and speak the extension: no peer learns more than by peer exchange, and no
/// other address can be made a target. What a relay tells us to dial is checked like a peer of peer exchange. Both are limited per peer.</para>
/// </remarks>
internal sealed class HolepunchExtension(IExtensionSwarm swarm) : IPeerExtension
{
    internal const string ExtensionName = "ut_holepunch";
    internal const int MostPerMinute = 10; // of one peer, of each kind
    internal const int MostRelayed = 500;
    private const long Minute = 60 * MonotonicClock.Second;

    private readonly Dictionary<PeerEndPoint, Peer> _relays = []; // who is connected to whom we are not
    private readonly HashSet<PeerEndPoint> _behindNat = []; // of these
    private readonly Dictionary<Peer, Account> _accounts = [];

    public string Name => ExtensionName;

    public byte LocalId => 4;

    public int MaxLength => 64; // 24 bytes; more is refused as malformed

    public bool IsOffered => swarm.MayExchangePeers && swarm.MayPunch;

    public void PeersNamed(Peer by, IReadOnlyList<PexPeer> peers)
    {
        if (!IsOffered || by.Extensions?.IdOf(Name) is not > 0)
        {
            return;
        }

        foreach (var peer in peers)
        {
            if (_relays.Count < MostRelayed || _relays.ContainsKey(peer.EndPoint))
            {
                _relays[peer.EndPoint] = by;
                if ((peer.Flags & (PexTraits.SupportsHolepunch | PexTraits.Reachable)) == PexTraits.SupportsHolepunch)
                {
                    _behindNat.Add(peer.EndPoint);
                }
            }
        }
    }

    public void DialFailed(PeerEndPoint peer, long now)
    {
        _behindNat.Remove(peer);
        if (IsOffered && _relays.Remove(peer, out var relay))
        {
            Send(relay, new HolepunchMessage(HolepunchKind.Rendezvous, peer));
        }
    }

    public void Heartbeat(long now)
    {
        foreach (var peer in _behindNat)
        {
            if (swarm.IsDialling(peer))
            {
                DialFailed(peer, now); // the dial goes on, and opens our NAT for the peer's
            }
        }
    }

    public void Received(Peer peer, ReadOnlySpan<byte> payload, long now)
    {
        var message = HolepunchMessage.Read(payload);
        var account = AccountOf(peer, now);
        switch (message.Kind)
        {
            case HolepunchKind.Rendezvous when ++account.Rendezvous <= MostPerMinute:
                Relay(peer, message.EndPoint);
                break;
            case HolepunchKind.Connect when ++account.Connects <= MostPerMinute:
                swarm.Punch(message.EndPoint, peer.Remote.Address);
                break;
            default:
                break; // an error, or too many
        }
    }

    public void PeerLeft(Peer peer, long now)
    {
        _accounts.Remove(peer);
        foreach (var (named, relay) in _relays)
        {
            if (relay == peer)
            {
                _relays.Remove(named);
                _behindNat.Remove(named);
            }
        }
    }

    private void Relay(Peer initiator, PeerEndPoint wanted)
    {
        var target = swarm.Peers.FirstOrDefault(p => p != initiator && !p.IsClosed && (p.Remote == wanted || p.Listens == wanted));
        if (target?.Extensions?.IdOf(Name) is not > 0)
        {
            var error = target is null ? HolepunchError.NotConnected : HolepunchError.NoSupport;
            Send(initiator, new HolepunchMessage(HolepunchKind.Error, wanted, error));
            return;
        }

        Send(target, new HolepunchMessage(HolepunchKind.Connect, OutsideOf(initiator)));
        Send(initiator, new HolepunchMessage(HolepunchKind.Connect, wanted));
    }

    /// <summary>Where its NAT lets packets for its UDP port in: over µTP we see that; a TCP connection that it dialled comes from another port.</summary>
    private static PeerEndPoint OutsideOf(Peer peer)
    {
        return peer.IsOverUtp || peer.IsOutgoing ? peer.Remote : peer.Listens ?? peer.Remote;
    }

    private void Send(Peer peer, HolepunchMessage message)
    {
        if (peer.Extensions?.IdOf(Name) is > 0 and var id)
        {
            Span<byte> bytes = stackalloc byte[HolepunchMessage.MaxLength];
            swarm.Send(peer, bytes[..message.WriteMessage(bytes, id)]);
        }
    }

    private Account AccountOf(Peer peer, long now)
    {
        if (!_accounts.TryGetValue(peer, out var account) || now >= account.EndsAt)
        {
            _accounts[peer] = account = new Account(now + Minute);
        }

        return account;
    }

    /// <summary>What a peer did in this minute.</summary>
    private sealed class Account(long endsAt)
    {
        public long EndsAt { get; } = endsAt;

        public int Rendezvous { get; set; }

        public int Connects { get; set; }
    }
}
