using System.Diagnostics;
using Distribyted.BitTorrent;
using Distribyted.FileSystem;
using Distribyted.Platform;
using Distribyted.Telemetry;

namespace Distribyted.Hosting;

/// <summary>When both ports are open: does once what the first torrent would wait for. Ends when a torrent is active before, which does the same.</summary>
internal sealed class WarmUp(IEnumerable<WarmUpStep> steps, TorrentSession session, ILogger<WarmUp> logger)
    : IHostedLifecycleService,
        IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _running = Background.Run("warm-up", logger, () => RunAsync(_stop.Token));
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var step in steps)
        {
            if (session.HasActive)
            {
                return;
            }

            var begun = Stopwatch.GetTimestamp();
            try
            {
                await step.RunAsync(cancellationToken);
                logger.WarmedUp(step.Name, Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FileSystemException)
            {
                logger.NotWarmedUp(step.Name, exception.Message); // a full disk, or no free port: the first torrent takes a moment longer
            }
        }
    }
}
