namespace Distribyted.Lab;

/// <summary>One run of a <see cref="ScriptedPlayer"/>: its script, and what has been measured so far.</summary>
internal sealed class Playback(ScriptedPlayer.Read read, long length, PlayScript script, TimeProvider time)
{
    private const int ReadLength = 64 * 1024;

    private readonly byte[] _buffer = new byte[ReadLength];
    private readonly long _start = time.GetTimestamp();
    private readonly List<TimeSpan> _seeks = [];
    private TimeSpan _firstByte;
    private long _bytes;
    private int _stalls;
    private TimeSpan _stalled;

    public async Task<PlayReport> RunAsync(CancellationToken cancellationToken)
    {
        await ReadAllAsync(0, script.Head, cancellationToken);
        await ReadAllAsync(Math.Max(0, length - script.Tail), script.Tail, cancellationToken);
        var opened = time.GetElapsedTime(_start);
        foreach (var place in script.Seeks.Prepend(0))
        {
            await PlayFromAsync(place, cancellationToken);
        }

        return new PlayReport(_firstByte, opened, _seeks, _stalls, _stalled, _bytes);
    }

    /// <summary>Goes to a place, fills the player's buffer and plays.</summary>
    /// <param name="place">A part of the film: 0.5 is its middle.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private async Task PlayFromAsync(double place, CancellationToken cancellationToken)
    {
        var from = (long)(Math.Clamp(place, 0, 1) * length);
        var sought = time.GetTimestamp();
        var buffered = (long)(script.Buffer.TotalSeconds * script.BytesPerSecond);
        await ReadAllAsync(from, buffered, cancellationToken);
        if (place > 0)
        {
            _seeks.Add(time.GetElapsedTime(sought));
        }

        await ShowAsync(from, buffered, cancellationToken);
    }

    /// <summary>Plays: at any moment the picture needs the bytes that its clock has reached.</summary>
    private async Task ShowAsync(long from, long buffered, CancellationToken cancellationToken)
    {
        var playing = time.GetTimestamp();
        var behind = TimeSpan.Zero;
        var end = Math.Min(length, from + (long)(script.PlayFor.TotalSeconds * script.BytesPerSecond));
        for (var at = Math.Min(from + buffered, length); at < end; )
        {
            var ahead = FilmTime(at - from) + behind - time.GetElapsedTime(playing);
            if (ahead > script.Buffer)
            {
                await Task.Delay(ahead - script.Buffer, time, cancellationToken);
            }

            var count = await ReadAsync(at, end - at, cancellationToken);
            if (count == 0)
            {
                break;
            }

            var late = time.GetElapsedTime(playing) - behind - FilmTime(at - from);
            if (late > TimeSpan.Zero)
            {
                _stalls++;
                _stalled += late;
                behind += late;
            }

            at += count;
        }
    }

    private TimeSpan FilmTime(long bytes)
    {
        return TimeSpan.FromSeconds((double)bytes / script.BytesPerSecond);
    }

    private async Task ReadAllAsync(long from, long count, CancellationToken cancellationToken)
    {
        for (var end = Math.Min(from + count, length); from < end; )
        {
            var got = await ReadAsync(from, end - from, cancellationToken);
            if (got == 0)
            {
                throw new EndOfStreamException($"The film ended at byte {from} of {length}.");
            }

            from += got;
        }
    }

    private async Task<int> ReadAsync(long offset, long most, CancellationToken cancellationToken)
    {
        var got = await read(offset, _buffer.AsMemory(0, (int)Math.Min(_buffer.Length, most)), cancellationToken);
        _firstByte = _bytes == 0 && got > 0 ? time.GetElapsedTime(_start) : _firstByte;
        _bytes += got;
        return got;
    }
}
