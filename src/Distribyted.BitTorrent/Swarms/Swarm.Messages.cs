using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Telemetry;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What a peer's message means. All of it runs under the swarm's lock; a peer that breaks the protocol loses its connection.</summary>
internal sealed partial class Swarm
{
    private const int MaxUnasked = 32; // late blocks after a choke are honest; a stream of them is not

    private readonly BlockRef[] _oneBlock = new BlockRef[1];
    private readonly Claim[] _oneClaim = new Claim[1];

    /// <inheritdoc/>
    public int Received(Peer peer, ReadOnlySpan<byte> bytes, BlockClaims claims)
    {
        try
        {
            return Process(peer, bytes, claims);
        }
        finally
        {
            Fill(peer, bytes, claims); // also before a message that breaks the protocol
        }
    }

    /// <summary>Takes the lock once: as many messages as there are claims for.</summary>
    private int Process(Peer peer, ReadOnlySpan<byte> bytes, BlockClaims claims)
    {
        using var section = Enter();
        if (peer.IsClosed)
        {
            return bytes.Length;
        }

        peer.LastReceivedAt = section.Now;
        var consumed = 0;
        while (!claims.IsFull && PeerMessageReader.TryRead(bytes[consumed..], out var message, out var length))
        {
            consumed += length;
            Received(peer, in message, bytes, claims, section.Now);
        }

        return consumed;
    }

    private void Received(Peer peer, in PeerMessage message, ReadOnlySpan<byte> batch, BlockClaims claims, long now)
    {
        switch (message.Kind)
        {
            case PeerMessageKind.Piece:
                ReceivedBlock(peer, in message, batch, claims, now);
                break;
            case PeerMessageKind.Choke:
                peer.IsChoking = true;
                _scheduler?.Choked(peer.Slot, now);
                _needsRun = true;
                break;
            case PeerMessageKind.Unchoke:
                peer.IsChoking = false;
                _scheduler?.Unchoked(peer.Slot, now);
                _needsRun = true;
                break;
            case PeerMessageKind.Interested:
                peer.IsInterested = true;
                LastUsedAt = now;
                if (MayUploadTo(peer) && _choker.HasFreeSlot(_peers, _uploadSlots))
                {
                    SetChoke(peer, false, now);
                }

                break;
            case PeerMessageKind.NotInterested:
                peer.IsInterested = false;
                SetChoke(peer, true, now);
                break;
            case PeerMessageKind.Have:
            case PeerMessageKind.Bitfield:
            case PeerMessageKind.HaveAll:
            case PeerMessageKind.HaveNone:
                ReceivedHave(peer, message.Kind, message.Piece, message.Payload);
                break;
            case PeerMessageKind.Request:
                ReceivedRequest(peer, new UploadRequest(message.Piece, message.Offset, message.Length), now);
                break;
            case PeerMessageKind.Cancel:
                var cancelled = new UploadRequest(message.Piece, message.Offset, message.Length);
                if (peer.Outbox.Cancel(cancelled))
                {
                    Refuse(peer, cancelled);
                }

                break;
            case PeerMessageKind.Reject:
                if (IsBlock(message.Piece, message.Offset, message.Length))
                {
                    _scheduler!.Rejected(peer.Slot, new BlockRef(message.Piece, message.Offset / PieceLayout.BlockLength), now);
                    _needsRun = true;
                }

                break;
            case PeerMessageKind.AllowedFast:
                if (_scheduler is not null && message.Piece < _info!.Layout.PieceCount)
                {
                    _scheduler.AllowedFast(peer.Slot, message.Piece);
                    _needsRun = true;
                }

                break;
            case PeerMessageKind.Extended:
                ReceivedExtended(peer, message.ExtensionId, message.Payload, now);
                break;
            default: // KEEP_ALIVE, PORT, SUGGEST and what is not known
                break;
        }
    }

    /// <summary>For the sender: reads a block that a peer asked for; false: it is not here any more.</summary>
    public async ValueTask<bool> ReadBlockAsync(UploadRequest request, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var done = 0;
        while (done < request.Length)
        {
            var count = await _pieces!.ReadAsync(request.Piece, request.Offset + done, destination[done..], cancellationToken);
            if (count == 0)
            {
                return false;
            }

            done += count;
        }

        return true;
    }

    /// <summary>For the sender: a block that a peer asked for is gone.</summary>
    public void CannotGive(Peer peer, UploadRequest request)
    {
        using var section = Enter();
        CannotGive(peer, request, section.Now);
    }

    /// <summary>Tells a peer that speaks BEP 6 that a request will not be answered.</summary>
    public void Refuse(Peer peer, UploadRequest request)
    {
        if (peer.SpeaksFast)
        {
            Span<byte> message = stackalloc byte[32];
            using var section = Enter();
            Post(peer, message[..PeerMessageWriter.WriteReject(message, request.Piece, request.Offset, request.Length)]);
        }
    }

    /// <summary>A request cannot be answered, because the piece is not here any more or there are too many. Without BEP 6 only a choke says so: it takes all
    /// requests back, and the next choke round may end it.</summary>
    private void CannotGive(Peer peer, UploadRequest request, long now)
    {
        if (peer.SpeaksFast)
        {
            Refuse(peer, request);
        }
        else
        {
            SetChoke(peer, true, now);
        }
    }

    private void ReceivedBlock(Peer peer, in PeerMessage message, ReadOnlySpan<byte> batch, BlockClaims claims, long now)
    {
        claims.HasSeenBlock = true;
        var claim = Claim.Unasked;
        if (_scheduler is not null && IsBlock(message.Piece, message.Offset, message.Payload.Length))
        {
            _oneBlock[0] = new BlockRef(message.Piece, message.Offset / PieceLayout.BlockLength);
            _scheduler.Received(peer.Slot, _oneBlock, _oneClaim, now);
            claim = _oneClaim[0];
            _needsRun = true;
        }

        if (claim == Claim.New && _open.TryGetValue(message.Piece, out var open))
        {
            claims.Add(open, _oneBlock[0].Block, message.Payload, batch);
            peer.Downloaded += message.Payload.Length;
            NoteProgress(message.Piece, now);
            Torrent.CountDownload(message.Payload.Length);
        }
        else if (claim == Claim.Unasked && ++peer.Unasked > MaxUnasked)
        {
            throw new ProtocolException(ProtocolError.Invalid, "The peer sends blocks that were not requested.");
        }
    }

    private void ReceivedHave(Peer peer, PeerMessageKind kind, int piece, ReadOnlySpan<byte> bits)
    {
        if (kind is PeerMessageKind.HaveAll or PeerMessageKind.HaveNone && !peer.SpeaksFast)
        {
            throw new ProtocolException(ProtocolError.Invalid, "HAVE_ALL and HAVE_NONE need the fast extension (BEP 6).");
        }

        peer.HasSaidHave = true;
        if (_info is null)
        {
            peer.Early ??= new EarlyMessages();
            peer.Early.Keep(kind, piece, bits);
            return;
        }

        var count = _info.Layout.PieceCount;
        switch (kind)
        {
            case PeerMessageKind.Have when piece >= count:
                throw new ProtocolException(ProtocolError.Invalid, $"HAVE {piece} in a torrent of {count} pieces.");
            case PeerMessageKind.Have:
                peer.Have![piece] = true;
                _scheduler!.PeerHas(peer.Slot, piece);
                peer.Offers = peer.HasAnnouncedMany ? OfferedPieces.None : peer.Offers.With(piece);
                break;
            case PeerMessageKind.Bitfield:
                peer.Have = Bitfield.FromBytes(bits, count);
                _scheduler!.PeerBitfield(peer.Slot, bits);
                peer.HasAnnouncedMany = peer.Have.Count > 0;
                break;
            case PeerMessageKind.HaveAll:
                peer.Have!.SetAll();
                _scheduler!.PeerHasAll(peer.Slot);
                peer.HasAnnouncedMany = true;
                break;
            default:
                break;
        }

        if (kind == PeerMessageKind.Have && _offers.Count > 0)
        {
            TakeOffers(Clock.Now); // the next one of a row
        }

        peer.IsSeed = peer.Have!.Count == count;
        if (peer.IsSeed && IsFinished)
        {
            _closing.Add(peer); // two seeds have nothing to say to each other
        }

        _needsRun = true;
    }

    private void ProcessEarlyMessages(Peer peer)
    {
        var early = peer.Early;
        peer.Early = null;
        try
        {
            while (early is not null && early.TryTake(out var kind, out var piece, out var bits))
            {
                ReceivedHave(peer, kind, piece, bits);
            }
        }
        catch (ProtocolException e)
        {
            Services.Log.PeerBrokeProtocol(peer.Remote, e.Message);
            _closing.Add(peer);
        }
    }

    private void ReceivedRequest(Peer peer, UploadRequest request, long now)
    {
        if (_info is null || !_info.Layout.Contains(request.Piece, request.Offset, request.Length))
        {
            throw new ProtocolException(ProtocolError.Invalid, "The peer asks for bytes that the torrent does not have.");
        }

        LastUsedAt = now;
        if (peer.AmChoking)
        {
            Refuse(peer, request);
        }
        else if (request.Length > PieceLayout.BlockLength || !_pieces!.IsStored(request.Piece) || !peer.Outbox.Enqueue(request))
        {
            CannotGive(peer, request, now);
        }
        else
        {
            FlushLater(peer);
        }
    }

    private bool IsBlock(int piece, int offset, int length)
    {
        var layout = _info?.Layout;
        return layout is not null
            && offset % PieceLayout.BlockLength == 0
            && layout.Contains(piece, offset, length)
            && length == layout.BlockLengthOf(piece, offset / PieceLayout.BlockLength);
    }
}
