namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Turns groups into journal records in a buffer that is reused.</summary>
internal sealed class JournalWriter(int slotLength)
{
    private byte[] _buffer = new byte[JournalRecord.Length * 64];
    private int _length;
    private ulong _sequence;

    public ReadOnlySpan<byte> Records => _buffer.AsSpan(0, _length);

    public void Clear()
    {
        _length = 0;
    }

    /// <summary>Sequence numbers go on from here.</summary>
    public void ContinueAfter(ulong sequence)
    {
        _sequence = Math.Max(_sequence, sequence);
    }

    public void AddHeader()
    {
        Add(JournalRecord.Header(slotLength));
    }

    /// <summary>One Put a slot, and before it the torrent's name if the journal does not know it.</summary>
    public void AddGroup(CacheGroup group, ulong mask, long bytes)
    {
        if (group.Torrent.JournalName == 0)
        {
            AddTorrent(group.Torrent);
        }

        var flags = group.List == group.Torrent.Protected ? JournalRecord.Reused : (byte)0;
        for (var part = 0; part < group.Slots.Length; part++)
        {
            var used = (int)Math.Clamp(bytes - ((long)part * slotLength), 0, slotLength);
            Add(
                JournalRecord.Put(
                    ++_sequence,
                    flags,
                    group.Slots.Length,
                    group.Slots[part],
                    group.Torrent.JournalName,
                    group.Number,
                    part,
                    mask,
                    used
                )
            );
        }
    }

    public void AddTorrent(CachedTorrent torrent)
    {
        var record = JournalRecord.ForTorrent(++_sequence, torrent.Hash);
        torrent.JournalName = record.Torrent;
        Add(record);
    }

    public void AddDrop(int slot)
    {
        Add(JournalRecord.Drop(++_sequence, slot));
    }

    private void Add(in JournalRecord record)
    {
        if (_buffer.Length - _length < JournalRecord.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        record.Write(_buffer.AsSpan(_length));
        _length += JournalRecord.Length;
    }
}
