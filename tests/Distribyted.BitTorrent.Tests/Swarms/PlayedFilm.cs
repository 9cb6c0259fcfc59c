using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>A film that a scripted player plays from a torrent, with little read ahead, and when its bytes come.</summary>
internal sealed class PlayedFilm : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TorrentReader _reader;
    private readonly LabContent _content;
    private readonly TimeProvider _time;
    private readonly Task _playing;
    private long _bytes;

    private PlayedFilm(TorrentReader reader, LabContent content, TimeProvider time)
    {
        _reader = reader;
        _content = content;
        _time = time;
        var player = new ScriptedPlayer(ReadAsync, content.Length, time);
        var script = new PlayScript
        {
            Tail = 0,
            Seeks = [],
            PlayFor = TimeSpan.FromHours(1),
        };
        _playing = Task.Run(() => player.PlayAsync(script, _stop.Token));
    }

    /// <summary>Bytes that the player has got.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <param name="torrent">The torrent of the film.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="time">By which it is played.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    public static async Task<PlayedFilm> StartAsync(
        Torrent torrent,
        LabContent content,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        return new PlayedFilm(await torrent.OpenReaderAsync(0, content.Length, 0, null, "player", cancellationToken), content, time);
    }

    /// <summary>Waits until the player has so many more bytes; how long that took, by its clock.</summary>
    public async Task<TimeSpan> WaitForMoreAsync(long more, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        var goal = Bytes + more;
        await Waiting.UntilAsync(
            () => Bytes >= goal || _playing.IsCompleted,
            () => $"{Bytes} of {goal} bytes were played",
            cancellationToken
        );
        if (Bytes < goal)
        {
            await _playing; // says why
            throw new EndOfStreamException("The film is over.");
        }

        return _time.GetElapsedTime(start);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _playing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _reader.DisposeAsync();
        _stop.Dispose();
    }

    private async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var count = await _reader.ReadAsync(destination, offset, cancellationToken);
        if (!_content.Matches(0, offset, destination.Span[..count]))
        {
            throw new InvalidDataException($"Wrong bytes at {offset}.");
        }

        Interlocked.Add(ref _bytes, count);
        return count;
    }
}
