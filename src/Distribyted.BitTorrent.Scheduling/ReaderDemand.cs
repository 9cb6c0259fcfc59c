namespace Distribyted.BitTorrent.Scheduling;

/// <summary>What one reader wants, in pieces. Pooled.</summary>
internal sealed class ReaderDemand
{
    public ReaderId Id { get; private set; }
    public ReaderState State { get; set; }

    /// <summary>Piece of the next byte.</summary>
    public int First { get; set; }

    /// <summary>End (exclusive) of the window.</summary>
    public int End { get; set; }

    /// <summary>End (exclusive) of what is urgent; the rest is read-ahead.</summary>
    public int UrgentEnd { get; set; }

    /// <summary>Where the search for read-ahead goes on: everything before is here or asked.</summary>
    public int Cursor { get; set; }

    /// <summary>Bytes that it may take in its turn.</summary>
    public long Deficit { get; set; }

    /// <summary>Gone, but its window stays until then; -1: it is here.</summary>
    public long LingersUntil { get; set; }

    /// <summary>Begins with an empty window.</summary>
    public void Open(ReaderId reader)
    {
        Id = reader;
        First = End = UrgentEnd = Cursor = 0;
        Deficit = 0;
    }

    public bool Contains(int piece)
    {
        return piece >= First && piece < End;
    }
}
