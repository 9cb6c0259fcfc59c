using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Telemetry;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>The pieces that are being filled: opened for the scheduler, filled with the blocks that peers send, closed when they are whole or given up.
/// Guarded by the swarm's lock, but for <see cref="Fill"/>.</summary>
internal sealed class OpenPieces(SwarmState state, ReaderTable readers, PeerBlame blame) : IPieceAdmission
{
    private readonly Dictionary<int, OpenPiece> _open = [];
    private readonly BlockRef[] _oneBlock = new BlockRef[1];
    private readonly Claim[] _oneClaim = new Claim[1];
    private (int Piece, long At, bool LacksMemory) _refused = (-1, 0, false); // the last piece that there was no space for

    public bool IsEmpty
    {
        get
        {
            state.Lock.AssertHeld();
            return _open.Count == 0;
        }
    }

    public bool Contains(int piece)
    {
        state.Lock.AssertHeld();
        return _open.ContainsKey(piece);
    }

    bool IPieceAdmission.TryOpen(int piece, bool urgent)
    {
        state.Lock.AssertHeld();
        var opening = state.Content!.Pieces.TryOpen(piece, urgent);
        if (opening.Piece is { } open)
        {
            _open[piece] = open;
            return true;
        }

        if (opening.NeverFits)
        {
            readers.Fail(
                piece,
                new TorrentException(
                    TorrentFailure.NoSpace,
                    $"One piece of this torrent takes {opening.BytesNeeded} bytes of the piece cache, which holds {opening.BytesOfCache}. Raise torrent.global_cache_size."
                )
            );
        }
        else
        {
            _refused = (piece, state.Clock.Now, opening.LacksMemory);
        }

        return false;
    }

    /// <summary>Whether there was no space for this piece when it was to be begun last, and that is not older than a moment.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="since">The moment.</param>
    /// <param name="lacksMemory">Whether that space is memory, see <see cref="PieceOpening.LacksMemory"/>.</param>
    public bool WasRefused(int piece, long since, out bool lacksMemory)
    {
        state.Lock.AssertHeld();
        lacksMemory = _refused.LacksMemory;
        return _refused.Piece == piece && _refused.At >= since;
    }

    /// <summary>A block came: if the scheduler wants it, it is claimed.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="block">Which block.</param>
    /// <param name="data">Its bytes, a part of <paramref name="batch"/>.</param>
    /// <param name="batch">What was received.</param>
    /// <param name="claims">Is given what is to be filled in.</param>
    /// <param name="now">The time.</param>
    /// <returns>What the scheduler says.</returns>
    public Claim Receive(Peer peer, BlockRef block, ReadOnlySpan<byte> data, ReadOnlySpan<byte> batch, BlockClaims claims, long now)
    {
        state.Lock.AssertHeld();
        _oneBlock[0] = block;
        state.Content!.Scheduler.Received(peer.Slot, _oneBlock, _oneClaim, now);
        state.Lock.NeedsRun = true;
        if (_oneClaim[0] == Claim.New && _open.TryGetValue(block.Piece, out var open))
        {
            claims.Add(open, block.Block, data, batch);
            peer.Downloaded += data.Length;
            readers.NoteProgress(block.Piece, now);
            state.Torrent.CountDownload(data.Length);
        }
        else
        {
            state.Services.Counters.AddUnwanted(data.Length);
        }

        return _oneClaim[0];
    }

    /// <summary>Fills claimed blocks in. Called without the lock.</summary>
    public void Fill(Peer peer, ReadOnlySpan<byte> batch, BlockClaims claims)
    {
        OpenPiece? longer = null; // a long piece: the scheduler asks for more of it when it is hashed further
        foreach (ref readonly var claim in claims.All)
        {
            var piece = claim.Piece;
            var progress = piece.Fill(claim.Block, batch.Slice(claim.Start, claim.Length), peer.Source);
            if (longer is not null && longer != piece)
            {
                ReportHashed(longer);
                longer = null;
            }

            if (progress != PieceProgress.Filling)
            {
                Finish(piece, progress);
                longer = null;
            }
            else if (state.Content!.Layout.LengthOf(piece.Piece) > state.Services.MaxAheadOfFrontier)
            {
                longer = piece;
            }
        }

        if (longer is not null)
        {
            ReportHashed(longer);
        }
    }

    /// <summary>The scheduler gives a piece up.</summary>
    public void Close(int piece)
    {
        state.Lock.AssertHeld();
        if (_open.Remove(piece, out var open))
        {
            open.Discard();
        }
    }

    public void CloseAll()
    {
        state.Lock.AssertHeld();
        foreach (var (_, open) in _open)
        {
            open.Discard();
        }

        _open.Clear();
    }

    private void ReportHashed(OpenPiece piece)
    {
        using var section = state.Lock.Enter();
        if (IsOpen(piece))
        {
            state.Content!.Scheduler.Hashed(piece.Piece, piece.HashedBlocks);
            state.Lock.NeedsRun = true;
        }
    }

    private void Finish(OpenPiece piece, PieceProgress progress)
    {
        using var section = state.Lock.Enter();
        var scheduler = state.Content!.Scheduler;
        if (progress == PieceProgress.Verified)
        {
            Verified(piece);
        }
        else if (!IsOpen(piece))
        {
            // It is not ours any more.
        }
        else if (progress == PieceProgress.RefusedByDisk)
        {
            Close(piece.Piece);
            scheduler.PieceClosed(piece.Piece, section.Now);
        }
        else
        {
            state.Services.Counters.AddWrong(state.Content!.Layout.LengthOf(piece.Piece));
            state.Log.PieceFailed(state.InfoHash, piece.Piece, piece.Sources.Count);
            scheduler.PieceFailed(piece.Piece, section.Now);
            if (piece.Sources.Count == 1)
            {
                blame.Ban(piece.Sources[0], piece.Piece);
            }
        }

        state.Lock.NeedsRun = true;
    }

    /// <summary>Also when it was closed meanwhile: the store has it now, and it would not be asked for again.</summary>
    private void Verified(OpenPiece piece)
    {
        var content = state.Content!;
        if (IsOpen(piece))
        {
            _open.Remove(piece.Piece);
        }

        state.Services.Counters.AddVerified(content.Layout.LengthOf(piece.Piece));
        content.Scheduler.PieceAvailable(piece.Piece);
        if (!content.Pieces.Has(piece.Piece))
        {
            content.Scheduler.PieceGone(piece.Piece); // dropped again before this, and its event may have been here first
        }

        foreach (var liar in piece.Liars)
        {
            blame.Ban(liar, piece.Piece);
        }

        readers.Wake(piece.Piece);
    }

    /// <summary>Whether it is still the piece that is being filled: it may have been closed, and opened anew.</summary>
    private bool IsOpen(OpenPiece piece)
    {
        return _open.GetValueOrDefault(piece.Piece) == piece;
    }
}
