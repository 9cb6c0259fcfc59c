using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>How peers join and leave. Guarded by the swarm's lock.</summary>
internal sealed class PeerAdmission(
    SwarmState state,
    SwarmShare share,
    PeerTable peers,
    PeerCandidates candidates,
    PeerPlaces places,
    PeerInterest interest,
    PeerProtocol protocol,
    PeerDials dials,
    PeerExtensions extensions
)
{
    private static readonly string ClientName = $"{Product.Name} {Product.Version}";

    private PeerServices Services => state.Services.Peers;

    /// <summary>A handshake is done: lets the peer in, or says why not.</summary>
    public DialOutcome Join(Peer peer, long now)
    {
        state.Lock.AssertHeld();
        if (state.HasEnded || Services.Bans.IsBanned(peer.Remote, state.InfoHash) || peer.Id == Services.PeerId)
        {
            return DialOutcome.Failed;
        }

        if (peers.Find(peer.Id) is { } other)
        {
            if (!WinsOver(other, peer, now))
            {
                return DialOutcome.Failed;
            }

            places.Replace(other, isUseless: false);
        }
        else if (!places.TryTake(peer, now))
        {
            return DialOutcome.NoPlace;
        }

        peers.Add(peer);
        if (peer.Listens is { } listens)
        {
            candidates.Connected(listens, PeerOrigin.Incoming, now);
            peer.Origin = peer.IsOutgoing ? candidates.OriginOf(listens) : PeerOrigin.Incoming;
        }

        Greet(peer, now);
        protocol.JoinScheduler(peer, now);
        state.Log.PeerJoined(state.InfoHash, peer.Remote, peer.Id, peer.Rtt / MonotonicClock.Millisecond);
        return DialOutcome.Joined;
    }

    /// <summary>The connection has ended.</summary>
    public void Leave(Peer peer, string reason, long now)
    {
        state.Lock.AssertHeld();
        if (!peers.Remove(peer))
        {
            return;
        }

        peer.Early = null;
        if (state.Content is { } content)
        {
            content.Scheduler.PeerLeft(peer.Slot, now);
            state.Services.Download.Take(-content.Scheduler.DrainUnanswered()); // also when nothing runs any more
        }

        state.Lock.NeedsRun = true;
        state.Services.Connections.Leave(share);
        dials.Left(peer, now);
        state.Log.PeerLeft(state.InfoHash, peer.Remote, reason);
        if (!state.HasEnded)
        {
            extensions.PeerLeft(peer, now);
        }

        dials.Dial(now);
    }

    /// <summary>Both sides dialled: both must keep the same one, the connection that the smaller peer id opened.</summary>
    private bool WinsOver(Peer other, Peer peer, long now)
    {
        if (other.IsOutgoing == peer.IsOutgoing)
        {
            // A peer does not connect again while its old connection works: that one is dead, and the peer has noticed first.
            var replaces = other.Client == peer.Client && now - other.LastReceivedAt >= PeerSupply.SilentFor;
            if (replaces)
            {
                state.Lock.ResetLater(other);
            }

            return replaces;
        }

        Span<byte> mine = stackalloc byte[PeerId.Length];
        Span<byte> theirs = stackalloc byte[PeerId.Length];
        Services.PeerId.CopyTo(mine);
        peer.Id.CopyTo(theirs);
        var outgoingWins = mine.SequenceCompareTo(theirs) < 0;
        return peer.IsOutgoing == outgoingWins;
    }

    private void Greet(Peer peer, long now)
    {
        TellPieces(peer);
        if (peer.SpeaksExtensions)
        {
            state.Lock.Post(peer, extensions.Greet(peer, HandshakeFor(peer)));
        }

        if (peer.SpeaksDht && state.UsesDht)
        {
            Span<byte> port = stackalloc byte[PeerMessageWriter.PortLength];
            PeerMessageWriter.WritePort(port, (ushort)Services.Ports.For(peer.Remote));
            state.Lock.Post(peer, port);
        }

        if (!state.IsWhole && state.IsLooking)
        {
            interest.Show(peer, now);
        }
    }

    private void TellPieces(Peer peer)
    {
        Span<byte> message = stackalloc byte[8];
        if (state.Content is not { Pieces.StoredCount: > 0 } content)
        {
            if (peer.SpeaksFast)
            {
                state.Lock.Post(peer, message[..PeerMessageWriter.WriteHaveNone(message)]);
            }
        }
        else if (content.IsWhole && peer.SpeaksFast)
        {
            state.Lock.Post(peer, message[..PeerMessageWriter.WriteHaveAll(message)]);
        }
        else
        {
            var bits = (content.Layout.PieceCount + 7) / 8;
            var bitfield = new byte[PeerMessageWriter.BitfieldHeaderLength + bits];
            PeerMessageWriter.WriteBitfieldHeader(bitfield, bits);
            content.Pieces.CopyStored(bitfield.AsSpan(PeerMessageWriter.BitfieldHeaderLength));
            peer.Outbox.AppendIntroduction(bitfield);
        }
    }

    private ExtensionHandshake HandshakeFor(Peer peer)
    {
        return new ExtensionHandshake
        {
            RequestQueue = PeerOutbox.MaxUploads,
            ListenPort = Services.Ports.For(peer.Remote) is > 0 and var port ? port : null,
            Client = ClientName,
            YourIp = peer.Remote.Address,
        };
    }
}
