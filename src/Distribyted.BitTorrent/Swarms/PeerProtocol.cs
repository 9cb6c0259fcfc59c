using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What a peer's messages mean. Guarded by the swarm's lock; a peer that breaks the protocol loses its connection.</summary>
internal sealed class PeerProtocol(
    SwarmState state,
    OpenPieces pieces,
    Uploads uploads,
    TakenOffers offers,
    PeerDials dials,
    PeerExtensions extensions
)
{
    private const int MaxUnasked = 32; // some were under way when the peer choked us; many more are a violation
    private const int UsualQueue = 250; // requests that a peer keeps when it says nothing (BEP 10)

    /// <summary>Processes the whole messages of a batch, as many as there are claims for.</summary>
    /// <returns>Bytes that were processed.</returns>
    /// <exception cref="ProtocolException">The peer broke the protocol. What was claimed before stays claimed.</exception>
    public int Process(Peer peer, ReadOnlySpan<byte> batch, BlockClaims claims, long now)
    {
        state.Lock.AssertHeld();
        if (peer.IsClosed)
        {
            return batch.Length;
        }

        peer.LastReceivedAt = now;
        var consumed = 0;
        while (!claims.IsFull && PeerMessageReader.TryRead(batch[consumed..], out var message, out var length))
        {
            consumed += length;
            if (message.Kind == PeerMessageKind.Piece)
            {
                ReceivedBlock(peer, in message, batch, claims, now);
            }
            else
            {
                Received(peer, in message, now);
            }
        }

        return consumed;
    }

    /// <summary>Claims blocks that came without messages around them.</summary>
    public void Process(Peer peer, ReadOnlySpan<BlockRef> blocks, ReadOnlySpan<byte> bytes, BlockClaims claims, long now)
    {
        state.Lock.AssertHeld();
        if (peer.IsClosed || state.Content is not { } content)
        {
            return;
        }

        peer.LastReceivedAt = now;
        var rest = bytes;
        foreach (var block in blocks)
        {
            var length = content.Layout.BlockLengthOf(block.Piece, block.Block);
            pieces.Receive(peer, block, rest[..length], bytes, claims, now);
            rest = rest[length..];
        }
    }

    /// <summary>The scheduler learns of a peer: it joined, or the metadata is here. What the peer said before is processed.</summary>
    public void JoinScheduler(Peer peer, long now)
    {
        state.Lock.AssertHeld();
        if (state.Content is not { } content)
        {
            return;
        }

        var queue = peer.Extensions?.RequestQueue is > 0 and var length ? length : UsualQueue;
        content.Scheduler.PeerJoined(peer.Slot, new PeerTraits(peer.HostKey, queue, peer.Rtt, peer.SpeaksFast), now);
        peer.Have ??= new Bitfield(content.Layout.PieceCount);
        ProcessEarlyMessages(peer, now);
        if (!peer.IsChoking)
        {
            content.Scheduler.Unchoked(peer.Slot, now);
        }
    }

    /// <summary>The peer does not have a piece any more. Indexes beyond the torrent, and before the metadata is known, are ignored.</summary>
    public void LostPiece(Peer peer, int piece)
    {
        state.Lock.AssertHeld();
        if (state.Content is { } content && (uint)piece < (uint)content.Layout.PieceCount)
        {
            peer.Have![piece] = false;
            peer.IsSeed = false;
            content.Scheduler.PeerLost(peer.Slot, piece);
            state.Lock.NeedsRun = true;
        }
    }

    private void Received(Peer peer, in PeerMessage message, long now)
    {
        switch (message.Kind)
        {
            case PeerMessageKind.Choke:
                ReceivedChoke(peer, now);
                break;
            case PeerMessageKind.Unchoke:
                ReceivedUnchoke(peer, now);
                break;
            case PeerMessageKind.Interested:
                uploads.PeerInterested(peer, now);
                break;
            case PeerMessageKind.NotInterested:
                uploads.PeerNotInterested(peer, now);
                break;
            case PeerMessageKind.Have or PeerMessageKind.Bitfield or PeerMessageKind.HaveAll or PeerMessageKind.HaveNone:
                ReceivedHave(peer, message.Kind, message.Piece, message.Payload, now);
                break;
            case PeerMessageKind.Request:
                uploads.Requested(peer, new UploadRequest(message.Piece, message.Offset, message.Length), now);
                break;
            case PeerMessageKind.Cancel:
                uploads.Cancelled(peer, new UploadRequest(message.Piece, message.Offset, message.Length));
                break;
            case PeerMessageKind.Reject:
                ReceivedReject(peer, in message, now);
                break;
            case PeerMessageKind.AllowedFast:
                ReceivedAllowedFast(peer, message.Piece);
                break;
            case PeerMessageKind.Extended:
                ReceivedExtended(peer, message.ExtensionId, message.Payload, now);
                break;
            case PeerMessageKind.Port:
                ReceivedPort(peer, message.Port);
                break;
            default: // KEEP_ALIVE, SUGGEST and what is not known
                break;
        }
    }

    private void ReceivedBlock(Peer peer, in PeerMessage message, ReadOnlySpan<byte> batch, BlockClaims claims, long now)
    {
        claims.HasSeenBlock = true;
        var claim = Claim.Unasked;
        if (state.Content is { } content && content.IsBlock(message.Piece, message.Offset, message.Payload.Length))
        {
            var block = new BlockRef(message.Piece, message.Offset / PieceLayout.BlockLength);
            claim = pieces.Receive(peer, block, message.Payload, batch, claims, now);
        }

        if (claim == Claim.Unasked && ++peer.Unasked > MaxUnasked)
        {
            throw new ProtocolException(ProtocolError.Invalid, "The peer sends blocks that were not requested.");
        }
    }

    private void ReceivedChoke(Peer peer, long now)
    {
        peer.IsChoking = true;
        state.Content?.Scheduler.Choked(peer.Slot, now);
        state.Lock.NeedsRun = true;
    }

    private void ReceivedUnchoke(Peer peer, long now)
    {
        peer.IsChoking = false;
        state.Content?.Scheduler.Unchoked(peer.Slot, now);
        state.Lock.NeedsRun = true;
    }

    private void ReceivedReject(Peer peer, in PeerMessage message, long now)
    {
        if (state.Content is { } content && content.IsBlock(message.Piece, message.Offset, message.Length))
        {
            content.Scheduler.Rejected(peer.Slot, new BlockRef(message.Piece, message.Offset / PieceLayout.BlockLength), now);
            state.Lock.NeedsRun = true;
        }
    }

    private void ReceivedAllowedFast(Peer peer, int piece)
    {
        if (state.Content is { } content && piece < content.Layout.PieceCount)
        {
            content.Scheduler.AllowedFast(peer.Slot, piece);
            state.Lock.NeedsRun = true;
        }
    }

    /// <summary>Its DHT node may come into our table (BEP 5).</summary>
    private void ReceivedPort(Peer peer, ushort port)
    {
        if (!peer.HasNamedNode && state.UsesDht && state.Services.Peers.NodeNamed is { } named)
        {
            peer.HasNamedNode = true;
            var node = new PeerEndPoint(peer.Remote.Address, port);
            Background.Queue("DHT", state.Log, () => named(node)); // it sends, and this is inside the lock
        }
    }

    private void ReceivedHave(Peer peer, PeerMessageKind kind, int piece, ReadOnlySpan<byte> bits, long now)
    {
        if (kind is PeerMessageKind.HaveAll or PeerMessageKind.HaveNone && !peer.SpeaksFast)
        {
            throw new ProtocolException(ProtocolError.Invalid, "HAVE_ALL and HAVE_NONE need the fast extension (BEP 6).");
        }

        peer.HasSentHave = true;
        if (state.Content is not { } content)
        {
            peer.Early ??= new EarlyMessages();
            peer.Early.Keep(kind, piece, bits);
            return;
        }

        switch (kind)
        {
            case PeerMessageKind.Have:
                ReceivedHave(peer, piece, content, now);
                break;
            case PeerMessageKind.Bitfield:
                peer.Have = Bitfield.FromBytes(bits, content.Layout.PieceCount);
                content.Scheduler.PeerBitfield(peer.Slot, bits);
                peer.HasAnnouncedMany = peer.Have.Count > 0;
                break;
            case PeerMessageKind.HaveAll:
                peer.Have!.SetAll();
                content.Scheduler.PeerHasAll(peer.Slot);
                peer.HasAnnouncedMany = true;
                break;
            default:
                break;
        }

        peer.IsSeed = peer.Have!.Count == content.Layout.PieceCount;
        if (peer.IsSeed && content.IsWhole)
        {
            state.Lock.CloseLater(peer); // two seeds have no use for each other
        }

        state.Lock.NeedsRun = true;
    }

    private void ReceivedHave(Peer peer, int piece, SwarmContent content, long now)
    {
        if (piece >= content.Layout.PieceCount)
        {
            throw new ProtocolException(ProtocolError.Invalid, $"HAVE {piece} in a torrent of {content.Layout.PieceCount} pieces.");
        }

        peer.Have![piece] = true;
        content.Scheduler.PeerHas(peer.Slot, piece);
        peer.Offers = peer.HasAnnouncedMany ? OfferedPieces.None : peer.Offers.With(piece);
        offers.PieceAnnounced(now);
    }

    private void ProcessEarlyMessages(Peer peer, long now)
    {
        var early = peer.Early;
        peer.Early = null;
        try
        {
            while (early is not null && early.TryTake(out var kind, out var piece, out var bits))
            {
                ReceivedHave(peer, kind, piece, bits, now);
            }
        }
        catch (ProtocolException e)
        {
            state.Log.PeerBrokeProtocol(peer.Remote, e.Message);
            state.Lock.CloseLater(peer);
        }
    }

    private void ReceivedExtended(Peer peer, byte id, ReadOnlySpan<byte> payload, long now)
    {
        if (state.HasEnded)
        {
            return;
        }

        if (id == ExtensionHandshake.Id)
        {
            ReceivedExtensionHandshake(peer, ExtensionHandshake.Read(payload), now);
        }
        else
        {
            extensions.Received(peer, id, payload, now);
        }
    }

    private void ReceivedExtensionHandshake(Peer peer, ExtensionHandshake handshake, long now)
    {
        peer.Extensions = peer.Extensions?.Then(handshake) ?? handshake;
        if (peer.Extensions.ListenPort is > 0 and var port && !peer.IsOutgoing)
        {
            dials.ListensOn(peer, new PeerEndPoint(peer.Remote.Address, port), now);
        }

        if (handshake.YourIp is { } ours)
        {
            state.Services.External.Vote(ours, peer.Remote.Address);
        }

        if (handshake.RequestQueue is { } queue)
        {
            state.Content?.Scheduler.PeerQueues(peer.Slot, queue);
        }

        extensions.HandshakeReceived(peer, now);
    }
}
