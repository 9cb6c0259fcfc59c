using System.Collections.Concurrent;
using System.Threading.Channels;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Platform;
using Distribyted.Routes.Model;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Store;

/// <summary>Waits for the metadata of torrents that have none, for as long as it takes, and delivers what arrives: all that came meanwhile at
/// once, so that a thousand magnets resolving together make few transactions. A torrent that waits costs one task.</summary>
internal sealed class MetadataWatch : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly Func<IReadOnlyList<TorrentFacts>, Task<bool>> _arrived;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<Torrent, Task> _waits = new();
    private readonly Channel<TorrentFacts> _arrivals = Channel.CreateUnbounded<TorrentFacts>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _delivery;
    private int _isDisposed;

    /// <param name="arrived">Keeps a batch; false: it could not be kept now and is delivered again.</param>
    internal MetadataWatch(Func<IReadOnlyList<TorrentFacts>, Task<bool>> arrived, TimeProvider time, ILogger logger)
    {
        _time = time;
        _arrived = arrived;
        _logger = logger;
        _delivery = Background.Run("delivery of metadata", logger, DeliverAsync);
    }

    /// <summary>Begins to wait, unless this very torrent is waited for already.</summary>
    internal void Watch(Torrent torrent)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_stopping.IsCancellationRequested && _waits.TryAdd(torrent, mine.Task))
        {
            Background.Forget("wait for metadata", _logger, WaitAsync(torrent, mine));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await Task.WhenAll(_waits.Values);
        _arrivals.Writer.TryComplete();
        await _delivery;
        _stopping.Dispose();
    }

    private async Task WaitAsync(Torrent torrent, TaskCompletionSource mine)
    {
        try
        {
            var info = await torrent.GetInfoAsync(_stopping.Token);
            _arrivals.Writer.TryWrite(TorrentFacts.Of(info));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The next start waits again.
        }
        catch (TorrentException e) when (e.Failure is TorrentFailure.Removed or TorrentFailure.Closing)
        {
            // It was removed, or the session ends.
        }
        catch (TorrentException e)
        {
            _logger.MetadataUnusable(torrent.InfoHash, e.Message);
        }
        catch (Exception e)
        {
            _logger.MetadataWaitFailed(torrent.InfoHash, e);
        }
        finally
        {
            _waits.TryRemove(torrent, out _);
            mine.SetResult();
        }
    }

    private async Task DeliverAsync()
    {
        var batch = new List<TorrentFacts>();
        while (await _arrivals.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < 1000 && _arrivals.Reader.TryRead(out var facts))
            {
                batch.Add(facts);
            }

            while (!await TryHandOnAsync(batch))
            {
                _logger.ArrivalsWait(batch.Count, RetryAfter);
                try
                {
                    await Task.Delay(RetryAfter, _time, _stopping.Token);
                }
                catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
                {
                    return; // they stay pending; the next start finds their metadata on disk
                }
            }
        }
    }

    private async Task<bool> TryHandOnAsync(List<TorrentFacts> batch)
    {
        try
        {
            return await _arrived(batch);
        }
        catch (Exception e)
        {
            _logger.ArrivalsFailed(batch.Count, e);
            return true; // a bug of ours: trying again would not help
        }
    }
}
