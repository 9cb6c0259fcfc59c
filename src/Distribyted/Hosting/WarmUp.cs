using System.Diagnostics;
using System.Net.Sockets;
using Distribyted.BitTorrent;
using Distribyted.FileSystem;
using Distribyted.Platform;
using Distribyted.Telemetry;

namespace Distribyted.Hosting;

/// <summary>While the ports are opened: does once what the first torrent would wait for. Ends when a torrent is active before, which does the same.</summary>
internal sealed class WarmUp(IEnumerable<WarmUpStep> steps, TorrentSession session, ILogger<WarmUp> logger) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Background.Run("warm-up", logger, () => RunAsync(_stop.Token));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running;
    }

    public void Dispose()
    {
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await DoStepsAsync(cancellationToken);
        if (!session.HasActive)
        {
            GC.Collect(0); // otherwise what start and steps left is collected in the middle of the first add
        }
    }

    private async Task DoStepsAsync(CancellationToken cancellationToken)
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
            catch (Exception exception)
                when (exception is IOException or SocketException or UnauthorizedAccessException or FileSystemException)
            {
                logger.NotWarmedUp(step.Name, exception.Message); // a full disk, or no free port: the first torrent takes a moment longer
            }
        }
    }
}
