namespace Distribyted.Archives.Formats;

/// <summary>Reads the headers of an archive: a small read after a jump over data, larger ones while headers follow each other, and never more than a budget.</summary>
/// <remarks>A read may cost a whole piece of a torrent, so bytes that are in the buffer are never asked for again. For one caller at a time.</remarks>
internal sealed class HeaderReader(IArchiveSource source, long maxBytes)
{
    // Holds the headers of a RAR volume with a long name; one disk sector.
    private const int FirstRead = 512;
    private const int LargestRead = 64 * 1024;

    private byte[] _buffer = new byte[FirstRead];
    private int _volume = -1;
    private long _start;
    private int _length;
    private int _next = FirstRead;
    private long _left = maxBytes;

    public IArchiveSource Source { get; } = source;

    /// <summary>How often the source was read.</summary>
    public int Reads { get; private set; }

    /// <summary>Bytes of a volume, as many as asked and often more; fewer only at the end of the volume. Valid until the next call.</summary>
    /// <exception cref="ArchiveException">The budget is used up.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(int volume, long offset, int count, CancellationToken cancellationToken)
    {
        var end = Source.LengthOf(volume);
        if (offset >= end || offset < 0)
        {
            return default;
        }

        count = (int)Math.Min(count, end - offset);
        var isNear = volume == _volume && offset >= _start && offset <= _start + _length;
        if (isNear && offset + count <= _start + _length)
        {
            return _buffer.AsMemory((int)(offset - _start), (int)(_start + _length - offset));
        }

        _next = isNear ? Math.Min(_next * 2, LargestRead) : FirstRead;
        await FillAsync(volume, offset, (int)Math.Min(Math.Max(count, _next), end - offset), isNear, cancellationToken);
        return _buffer.AsMemory(0, _length);
    }

    /// <summary>Exactly these bytes. Valid until the next call.</summary>
    /// <exception cref="ArchiveException">The volume ends before, or the budget is used up.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(int volume, long offset, int count, CancellationToken cancellationToken)
    {
        var bytes = await PeekAsync(volume, offset, count, cancellationToken);
        return bytes.Length >= count ? bytes[..count] : throw EndsEarly(volume);
    }

    public ArchiveException EndsEarly(int volume)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"{Source.NameOf(volume)} ends in the middle of a header.");
    }

    private async ValueTask FillAsync(int volume, long offset, int size, bool isNear, CancellationToken cancellationToken)
    {
        var at = isNear ? (int)(offset - _start) : 0;
        var kept = isNear ? _length - at : 0;
        var added = size - kept;
        _left -= Math.Max(added, FirstRead);
        if (_left < 0)
        {
            throw new ArchiveException(ArchiveFailure.TooLarge, $"The headers of {Source.NameOf(volume)} are larger than the limit.");
        }

        var from = _buffer.AsMemory(at, kept);
        if (size > _buffer.Length)
        {
            var larger = new byte[size];
            from.CopyTo(larger);
            _buffer = larger;
        }
        else
        {
            from.CopyTo(_buffer);
        }

        // Until the read is done nothing but the kept bytes counts.
        (_volume, _start, _length) = (volume, offset, kept);
        Reads++;
        _length += await Source.ReadAsync(volume, offset + kept, _buffer.AsMemory(kept, added), cancellationToken);
    }
}
