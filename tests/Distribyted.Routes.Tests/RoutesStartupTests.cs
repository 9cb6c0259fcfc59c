using System.Net;
using System.Text;
using Distribyted.BitTorrent;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Sharing;
using Distribyted.Routes.Sources;
using Distribyted.Routes.Telemetry;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Routes.Tests;

internal sealed class RoutesStartupTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task What_the_configuration_names_comes_at_start_and_goes_with_it(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var film = Rows.TorrentFile("Film.mkv", ("", 10));
        var show = Rows.TorrentFile("Show", ("a", 10));
        folder.Write("film.torrent", film);
        folder.Write("watched/show.torrent", show);
        folder.Write("watched/x.magnet", Encoding.UTF8.GetBytes(Rows.Magnet("x", "From a file")));
        var route = new ConfiguredRoute(
            "r",
            [
                new ConfiguredTorrent(Rows.Magnet("dead", "Dead"), null, "yaml:3"),
                new ConfiguredTorrent(null, folder.At("film.torrent"), "yaml:4"),
                new ConfiguredTorrent(null, folder.At("late.torrent"), "yaml:5"),
                new ConfiguredTorrent("magnet:?nonsense", null, "yaml:6"),
            ],
            folder.At("watched"),
            "yaml:2"
        );
        var options = new RouteOptions { MetadataFolder = folder.At("metadata"), Routes = [route] };

        await RunAsync(
            options,
            async (manager, _) =>
            {
                await Eventually.TrueAsync(() => Names(manager) == "Dead|Film.mkv|From a file|Show", cancellationToken);
                Assert.That(manager.Current.Routes[0].Torrents.Select(t => t.Where), Has.None.Null);

                folder.Write("late.torrent", Rows.TorrentFile("Late.mkv", ("", 5)));
                File.Delete(folder.At("watched/show.torrent"));
                await Eventually.TrueAsync(() => Names(manager) == "Dead|Film.mkv|From a file|Late.mkv", cancellationToken);
            }
        );

        await RunAsync(
            options with
            {
                Routes = [],
            },
            async (manager, session) =>
            {
                await Eventually.TrueAsync(() => manager.Current.Routes.Count == 0, cancellationToken);
                Assert.That(session.Find(Rows.HashOf(film)), Is.Null);
            }
        );
    }

    private static string Names(RouteManager manager)
    {
        return string.Join('|', manager.Current.Routes.SelectMany(r => r.Torrents).Select(t => t.Name));
    }

    private static async Task RunAsync(RouteOptions options, Func<RouteManager, TorrentSession, Task> body)
    {
        var loggers = NullLoggerFactory.Instance;
        var engine = new BitTorrentOptions
        {
            Discovery = { DisableDht = true },
            MetadataFolder = options.MetadataFolder,
            Cache = { Size = 64L << 20 },
            Transport =
            {
                ListenPort = 0,
                BindAddresses = [IPAddress.Loopback],
                DisableLsd = true,
            },
        };
        await using var session = new TorrentSession(engine, loggers, TimeProvider.System);
        await session.StartAsync(CancellationToken.None);
        var catalog = new LiteDbRouteCatalog(options.MetadataFolder, TimeProvider.System, NullLogger<LiteDbRouteCatalog>.Instance);
        using var metrics = new RouteMetrics(null);
        await using var manager = new RouteManager(session, catalog, options.MetadataFolder, TimeProvider.System, metrics, loggers);
        using var shared = new SharedFolders(options.Servers, options.MetadataFolder, manager.Store, session, TimeProvider.System, loggers);
        using var startup = new RoutesStartup(options, manager, shared, TimeProvider.System, loggers);

        await startup.StartAsync(CancellationToken.None);
        try
        {
            await body(manager, session);
        }
        finally
        {
            await startup.StopAsync(CancellationToken.None);
        }
    }
}
