using Distribyted.Platform;
using Distribyted.Routes.Sharing;
using Distribyted.Routes.Sources;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes;

/// <summary>Starts the library: what is remembered is there when the ports open, everything else goes on in the background. The engine must
/// have been started before.</summary>
internal sealed class RoutesStartup(
    RouteOptions options,
    RouteManager manager,
    SharedFolders sharedFolders,
    TimeProvider time,
    ILoggerFactory loggers
) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await manager.StartAsync(options.Routes, cancellationToken);
        var logger = loggers.CreateLogger<RoutesStartup>();
        List<ITorrentSource> sources = [new ConfiguredSource(options.Routes, time, logger)];
        sources.AddRange(
            options
                .Routes.Where(r => r.TorrentFolder is not null)
                .Select(r => new FolderSource(r.Name, r.TorrentFolder!, r.Where, time, logger))
        );
        var reconciler = new SourceReconciler(manager.Store, manager.Adder, sources, time, logger);
        _running = Background.Run(
            "sources of the library",
            logger,
            () => Task.WhenAll(reconciler.RunAsync(_stopping.Token), sharedFolders.RunAsync(_stopping.Token))
        );
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _stopping.Dispose();
    }
}
