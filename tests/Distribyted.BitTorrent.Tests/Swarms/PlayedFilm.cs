using System.Diagnostics;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>A film that a scripted player plays from a torrent, with little read ahead, and when its bytes come.</summary>
internal sealed class PlayedFilm : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TorrentReader _reader;
    private readonly LabContent _content;
    private readonly Task _playing;
    private long _bytes;

    private PlayedFilm(TorrentReader reader, LabContent content)
    {
        _reader = reader;
        _content = content;
        var player = new ScriptedPlayer(ReadAsync, content.Length);
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

    public static async Task<PlayedFilm> StartAsync(Torrent torrent, LabContent content, CancellationToken cancellationToken)
    {
        return new PlayedFilm(await torrent.OpenReaderAsync(0, content.Length, 0, null, "player", cancellationToken), content);
    }

    /// <summary>Waits until the player has so many more bytes; how long that took.</summary>
    public async Task<TimeSpan> WaitForMoreAsync(long more, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var goal = Bytes + more;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (Bytes < goal)
        {
            if (_playing.IsCompleted)
            {
                await _playing; // says why
                throw new EndOfStreamException("The film is over.");
            }

            await tick.WaitForNextTickAsync(cancellationToken);
        }

        return Stopwatch.GetElapsedTime(start);
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
