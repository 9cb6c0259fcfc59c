using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Gives out blocks in order of need, each to the peer that would have sent it first, even if that one is busy now.</summary>
internal sealed class Assignment(
    PieceLayout layout,
    SchedulerLimits limits,
    PieceStates pieces,
    Demand demand,
    Probation probation,
    Candidates candidates
)
{
    private const long Quantum = 256 * 1024;

    private readonly int _blocksAheadOfFrontier = limits.MaxAheadOfFrontier / PieceLayout.BlockLength;
    private int _turn;

    private enum Step
    {
        Next,
        Stop,
    }

    /// <summary>What readers wait for: the pieces in this order, whole.</summary>
    /// <returns>False: nothing more can be asked in this run.</returns>
    public bool AssignUrgent(ReadOnlySpan<(long Deadline, int Piece)> urgent, scoped ref AssignmentRun run)
    {
        foreach (var (deadline, piece) in urgent)
        {
            if (AssignPiece(piece, deadline, int.MaxValue, ref run, out _) == Step.Stop)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Read-ahead of all readers in turn, so that one that copies cannot starve the others.</summary>
    public void AssignAhead(scoped ref AssignmentRun run)
    {
        var readers = demand.Readers;
        var idle = 0;
        while (idle < readers.Length && !run.IsAheadSpent)
        {
            var reader = readers[_turn % readers.Length];
            reader.Deficit += reader.Deficit > 0 ? 0 : Quantum; // a turn that was cut short has its rest only
            var before = run.Steps;
            if (ServeAhead(reader, ref run) == Step.Stop)
            {
                return; // its turn goes on
            }

            idle = run.Steps == before ? idle + 1 : 0;
            reader.Deficit = Math.Min(reader.Deficit, 0);
            _turn = (_turn + 1) % readers.Length;
        }
    }

    private Step ServeAhead(ReaderDemand reader, scoped ref AssignmentRun run)
    {
        var settled = true;
        for (var piece = reader.Cursor; piece < reader.End; piece++)
        {
            if (demand.Available.Has(piece) || (pieces.TryGet(piece, out var open) && open.Busy == open.Blocks))
            {
                reader.Cursor += settled ? 1 : 0;
                continue;
            }

            settled = false;
            if (piece < reader.UrgentEnd)
            {
                piece = reader.UrgentEnd - 1; // had their turn; the cursor stays, for they may not be urgent next time
                continue;
            }

            if (reader.Deficit <= 0)
            {
                return Step.Next;
            }

            var blocks = (int)Math.Min(int.MaxValue, (reader.Deficit + PieceLayout.BlockLength - 1) / PieceLayout.BlockLength);
            var step = AssignPiece(piece, long.MaxValue, blocks, ref run, out var given);
            reader.Deficit -= (long)given * PieceLayout.BlockLength;
            if (step == Step.Stop)
            {
                return Step.Stop;
            }
        }

        return Step.Next;
    }

    /// <summary>Goes through the missing blocks of a piece. Blocks whose best peer is busy are left for it.</summary>
    /// <param name="piece">Which; it may not be open yet.</param>
    /// <param name="deadline">When it is needed; <see cref="long.MaxValue"/>: it is read ahead.</param>
    /// <param name="most">How many blocks may be asked.</param>
    /// <param name="run">Is charged for what is asked.</param>
    /// <param name="given">How many blocks were asked.</param>
    private Step AssignPiece(int piece, long deadline, int most, scoped ref AssignmentRun run, out int given)
    {
        given = 0;
        if (pieces.TryGet(piece, out var open) ? open.Busy == open.Blocks : run.IsRefused)
        {
            return Step.Next;
        }

        if (open is { Suspect: true })
        {
            probation.Choose(open, run.Now);
        }

        var urgent = deadline != long.MaxValue;
        if (!candidates.MarkEligible(piece, open, urgent))
        {
            return Step.Next;
        }

        var end = (int)Math.Min(layout.BlockCountOf(piece), (open?.Frontier ?? 0) + (long)_blocksAheadOfFrontier);
        for (var block = open?.NextMissing(0) ?? 0; block < end; block = open?.NextMissing(block + 1) ?? block + 1)
        {
            if (given == most)
            {
                return Step.Next;
            }

            if (candidates.FreeSlots == 0 || run.Steps++ >= Candidates.LookAhead)
            {
                return Step.Stop;
            }

            var first = candidates.Next(run.Now);
            if (first < 0)
            {
                continue;
            }

            if (!run.Allows(layout.BlockLengthOf(piece, block), urgent))
            {
                return Step.Stop;
            }

            if (open is null)
            {
                if (!run.TryOpen(piece, urgent))
                {
                    return Step.Next;
                }

                open = pieces.Add(piece, deadline);
            }

            given++;
            candidates.Ask(first, open, block, urgent, ref run);
        }

        return Step.Next;
    }
}
