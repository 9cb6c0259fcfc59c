using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What all readers want, and which pieces are here.</summary>
internal sealed class Demand(PieceLayout layout)
{
    private readonly List<ReaderDemand> _readers = [];
    private readonly Stack<ReaderDemand> _spare = new();

    /// <summary>Valid until a reader comes or goes.</summary>
    public ReadOnlySpan<ReaderDemand> Readers => CollectionsMarshal.AsSpan(_readers);

    /// <summary>The pieces that can be read.</summary>
    public PieceSet Available { get; } = new(layout.PieceCount);

    /// <summary>A window has moved: pieces may be outside every window now, and others inside one.</summary>
    public bool WindowsChanged { get; set; }

    /// <summary>What is urgent must be looked for again.</summary>
    public bool OrderChanged { get; set; }

    /// <summary>Whether the piece is in a reader's window and not here.</summary>
    public bool IsWanted(int piece)
    {
        return !Available.Has(piece) && IsInWindow(piece);
    }

    public bool IsInWindow(int piece)
    {
        foreach (var reader in _readers)
        {
            if (reader.Contains(piece))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a piece in the window of an open reader is not here.</summary>
    public bool IsAnythingMissing()
    {
        foreach (var reader in _readers)
        {
            if (reader.LingersUntil < 0 && !Available.HasAll(reader.First, reader.End))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one of these pieces is wanted.</summary>
    public bool WantsAnyOf(PieceSet pieces)
    {
        foreach (var reader in _readers)
        {
            for (var piece = reader.First; piece < reader.End; piece++)
            {
                if (!Available.Has(piece) && pieces.Has(piece))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether a read has waited for this many microseconds.</summary>
    public bool IsBlockedFor(long time, long now)
    {
        foreach (var reader in _readers)
        {
            if (reader.State.BlockedSince >= 0 && now - reader.State.BlockedSince >= time)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A reader is new or has changed.</summary>
    /// <param name="reader">Which.</param>
    /// <param name="state">Its state; bytes outside the torrent are cut off.</param>
    /// <param name="lingersUntil">It is closed, and its window stays until then; -1: it is open.</param>
    /// <returns>Whether something that it wants, or has wanted until now, is not here.</returns>
    public bool Set(ReaderId reader, in ReaderState state, long lingersUntil)
    {
        var demand = Find(reader) ?? Add(reader);
        var (position, end, first, last) = WindowOf(state);
        var misses = !Available.HasAll(first, last) || !Available.HasAll(demand.First, demand.End);
        WindowsChanged |= first != demand.First || last != demand.End;
        OrderChanged |= WindowsChanged || (state.BlockedSince >= 0) != (demand.State.BlockedSince >= 0);
        demand.State = state with { Position = position, WindowEnd = end };
        demand.First = first;
        demand.End = last;
        demand.LingersUntil = lingersUntil;
        if (WindowsChanged)
        {
            Rewind();
        }

        return misses;
    }

    /// <summary>Whether everything in the window of a reader in this state is here.</summary>
    public bool HasAllOf(in ReaderState state)
    {
        var (_, _, first, last) = WindowOf(state);
        return Available.HasAll(first, last);
    }

    /// <summary>A reader is gone.</summary>
    /// <returns>Whether something that it wanted is not here.</returns>
    public bool Remove(ReaderId reader)
    {
        if (Find(reader) is not { } demand)
        {
            return false;
        }

        _readers.Remove(demand);
        _spare.Push(demand);
        ChangeWindows();
        return !Available.HasAll(demand.First, demand.End);
    }

    /// <summary>Removes the closed readers whose windows have stayed long enough.</summary>
    public void EndLingering(long now)
    {
        for (var i = _readers.Count - 1; i >= 0; i--)
        {
            if (_readers[i].LingersUntil >= 0 && _readers[i].LingersUntil <= now)
            {
                Remove(_readers[i].Id);
            }
        }
    }

    /// <summary>When the next closed reader ends; <see cref="long.MaxValue"/>: none does.</summary>
    public long NextLingerEnd()
    {
        var next = long.MaxValue;
        foreach (var reader in _readers)
        {
            next = reader.LingersUntil >= 0 ? Math.Min(next, reader.LingersUntil) : next;
        }

        return next;
    }

    /// <summary>Windows may have changed, or what is here.</summary>
    public void ChangeWindows()
    {
        WindowsChanged = true;
        Rewind();
    }

    /// <summary>Something that was asked or here is missing again: searches start at the beginning.</summary>
    public void Rewind()
    {
        OrderChanged = true;
        foreach (var reader in _readers)
        {
            reader.Cursor = reader.First;
        }
    }

    private ReaderDemand? Find(ReaderId reader)
    {
        foreach (var demand in _readers)
        {
            if (demand.Id == reader)
            {
                return demand;
            }
        }

        return null;
    }

    private ReaderDemand Add(ReaderId reader)
    {
        if (!_spare.TryPop(out var demand))
        {
            demand = new ReaderDemand();
        }

        demand.Open(reader);
        _readers.Add(demand);
        WindowsChanged = true;
        return demand;
    }

    private (long Position, long End, int First, int Last) WindowOf(in ReaderState state)
    {
        var position = Math.Clamp(state.Position, 0, layout.TotalLength);
        var end = Math.Clamp(state.WindowEnd, position, layout.TotalLength);
        return end > position ? (position, end, layout.PieceAt(position), layout.PieceAt(end - 1) + 1) : (position, end, 0, 0);
    }
}
