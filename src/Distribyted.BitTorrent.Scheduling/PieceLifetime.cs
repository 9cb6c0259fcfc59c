namespace Distribyted.BitTorrent.Scheduling;

/// <summary>
/// When the fetching of a piece ends before it is complete. A piece outside every window stays open while there is memory: a reader that comes back finds what
/// was received. It is closed when nothing of it is here, when there are too many, or when its memory is needed.
/// </summary>
internal sealed class PieceLifetime(PieceStates pieces, Demand demand, RequestBook requests, Probation probation)
{
    private const int MostOrphans = 64; // each of them is looked at whenever a window moves
    private const long NearlyHere = 100_000;

    private SpaceRequest _spaceRequest;

    private enum SpaceRequest
    {
        None,
        Normal,
        Overdue,
    }

    /// <summary>Others need memory or slots: the next call of <see cref="CloseOrphans"/> closes a piece if one may be.</summary>
    /// <param name="isOverdue">If need be one that is fetched ahead, or that no peer is asked for now.</param>
    public void SpaceNeeded(bool isOverdue)
    {
        _spaceRequest =
            isOverdue ? SpaceRequest.Overdue
            : _spaceRequest == SpaceRequest.None ? SpaceRequest.Normal
            : _spaceRequest;
    }

    /// <summary>Ends the fetching of a piece: what is still asked is cancelled.</summary>
    public void Finish(PieceState piece, long now)
    {
        requests.CancelPiece(piece, now);
        probation.End(piece.Piece, isDecided: true);
        pieces.Remove(piece);
    }

    /// <summary>Windows have changed. Requests outside every window are cancelled, unless they are nearly here or their piece is nearly whole.</summary>
    public void CancelOutside(long now)
    {
        foreach (var piece in pieces.All)
        {
            if (demand.IsInWindow(piece.Piece))
            {
                piece.OrphanSince = -1;
                continue;
            }

            if (piece.OrphanSince < 0)
            {
                piece.OrphanSince = now;
                probation.End(piece.Piece, isDecided: false); // it may never be finished, and must not block its peers
            }

            piece.Deadline = long.MaxValue;
            if (piece.IsAsked && piece.Filled * 4 <= piece.Blocks * 3)
            {
                requests.CancelPiece(piece, now, now + NearlyHere);
            }
        }
    }

    /// <summary>Closes the pieces outside every window of which nothing is here, and one more if memory is needed or there are too many.</summary>
    /// <param name="isRefused">Memory for a piece was refused.</param>
    /// <param name="output">Receives the commands.</param>
    /// <param name="now">When.</param>
    public void CloseOrphans(bool isRefused, CommandBuffer output, long now)
    {
        var smallest = CloseEmptyOrphans(output, now, out var orphans);
        if (smallest is not null && (isRefused || _spaceRequest != SpaceRequest.None || orphans > MostOrphans))
        {
            Close(smallest, output, now);
        }
        else if (_spaceRequest == SpaceRequest.Overdue && FindLeastMissed() is { } piece)
        {
            Close(piece, output, now);
        }

        _spaceRequest = SpaceRequest.None;
    }

    /// <returns>The orphan of which the least is here; null: there is none.</returns>
    private PieceState? CloseEmptyOrphans(CommandBuffer output, long now, out int orphans)
    {
        orphans = 0;
        PieceState? smallest = null;
        for (var i = pieces.All.Length - 1; i >= 0; i--)
        {
            var piece = pieces.All[i];
            if (piece.OrphanSince < 0 || piece.Filled == piece.Blocks)
            {
                continue;
            }

            if (piece.Busy == 0)
            {
                Close(piece, output, now);
                continue;
            }

            orphans++;
            smallest = smallest is null || piece.Filled < smallest.Filled ? piece : smallest;
        }

        return smallest;
    }

    /// <summary>The piece to close for readers elsewhere that have waited long: fetched ahead, or not asked of any peer now; null: none.</summary>
    private PieceState? FindLeastMissed()
    {
        PieceState? least = null;
        foreach (var piece in pieces.All)
        {
            var may = piece.Filled < piece.Blocks && (piece.Deadline == long.MaxValue || !piece.IsAsked);
            if (may && (least is null || (least.Deadline, -least.Filled).CompareTo((piece.Deadline, -piece.Filled)) < 0))
            {
                least = piece;
            }
        }

        return least;
    }

    private void Close(PieceState piece, CommandBuffer output, long now)
    {
        Finish(piece, now);
        requests.Flush(output);
        output.Add(new Command(CommandKind.ClosePiece, default, piece.Piece, 0, 0));
    }
}
