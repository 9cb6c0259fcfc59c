namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Something that the journal keeper is to write down: a written piece, a group whose mask shrank, or slots that hold nothing.</summary>
internal readonly record struct JournalEntry(RamPiece? Piece, CacheGroup? Group, int[]? Dropped)
{
    public int RecordCount => Dropped?.Length ?? (Piece?.Group ?? Group)?.Slots.Length ?? 1;

    public static JournalEntry ForPiece(RamPiece piece)
    {
        return new JournalEntry(piece, null, null);
    }

    public static JournalEntry ForGroup(CacheGroup group)
    {
        return new JournalEntry(null, group, null);
    }

    public static JournalEntry ForDropped(int[] slots)
    {
        return new JournalEntry(null, null, slots);
    }
}
