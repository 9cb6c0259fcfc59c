using Distribyted.BitTorrent.Protocol;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Sharing;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Routes.Tests.Sharing;

internal sealed class SharedFoldersTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task A_folder_is_offered_follows_its_files_and_stops_when_it_is_empty(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var library = await TestLibrary.StartAsync();
        var server = new ConfiguredServer(
            "my files",
            folder.At("share"),
            ["udp://t.example:80"],
            null,
            TimeSpan.FromMilliseconds(50),
            16 * 1024,
            false,
            "yaml:9"
        );
        var options = new RouteOptions { MetadataFolder = folder.At("metadata"), Servers = [server] };
        using var shared = new SharedFolders(
            options.Servers,
            options.MetadataFolder,
            library.Manager.Store,
            library.Session,
            TimeProvider.System,
            NullLoggerFactory.Instance
        );
        using var end = new CancellationTokenSource();
        Assert.That(shared.Current.Single().State, Is.EqualTo(SharedFolderState.Unknown));
        var running = shared.RunAsync(end.Token);

        await Eventually.TrueAsync(() => shared.Current[0].State == SharedFolderState.Stopped, cancellationToken);
        Assert.That(Directory.Exists(folder.At("share")), Is.True, "it is made if missing");
        Assert.That(shared.Current[0].Magnet, Is.Empty);

        folder.Write("share/new/sub/a.bin", new byte[40_000]);
        await Eventually.TrueAsync(() => shared.Current[0].State == SharedFolderState.Seeding, cancellationToken);
        var first = shared.Current[0];
        Assert.That(first.Magnet, Is.EqualTo($"magnet:?xt=urn:btih:{first.InfoHash}&dn=my%20files&tr=udp%3A%2F%2Ft.example%3A80"));
        Assert.That(library.Session.Find(first.InfoHash!.Value), Is.Not.Null);

        folder.Write("share/new/sub/b.bin", new byte[5]);
        await Eventually.TrueAsync(
            () => shared.Current[0].InfoHash is { } hash && hash != first.InfoHash && library.Session.Find(first.InfoHash.Value) is null,
            cancellationToken
        );
        Assert.That(shared.Current[0].State, Is.EqualTo(SharedFolderState.Seeding));

        Directory.Delete(folder.At("share/new"), recursive: true);
        await Eventually.TrueAsync(() => shared.Current[0].State == SharedFolderState.Stopped, cancellationToken);
        Assert.That(library.Session.Find(first.InfoHash!.Value), Is.Null);

        await end.CancelAsync();
        await running;
    }

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(60_000)]
    public async Task A_file_that_was_changed_with_its_times_restored_is_hashed_again(
        bool whileRunning,
        CancellationToken cancellationToken
    )
    {
        using var folder = new TempFolder();
        await using var library = await TestLibrary.StartAsync();
        folder.Write("share/a.bin", new byte[40_000]);
        folder.Write("share/b.bin", new byte[40_000]);
        var server = new ConfiguredServer("s", folder.At("share"), [], null, TimeSpan.FromMilliseconds(50), 16 * 1024, false, "yaml:9");
        var options = new RouteOptions { MetadataFolder = folder.At("metadata"), Servers = [server] };
        InfoHash? first = null;
        for (var run = 0; run < 2; run++)
        {
            using var shared = new SharedFolders(
                options.Servers,
                options.MetadataFolder,
                library.Manager.Store,
                library.Session,
                TimeProvider.System,
                NullLoggerFactory.Instance
            );
            using var end = new CancellationTokenSource();
            var running = shared.RunAsync(end.Token);
            await Eventually.TrueAsync(() => shared.Current[0].State == SharedFolderState.Seeding, cancellationToken);
            first ??= shared.Current[0].InfoHash;
            if (run == 0 && whileRunning)
            {
                ChangeInPlace(folder.At("share/b.bin"));
                await Eventually.TrueAsync(() => shared.Current[0].InfoHash != first, cancellationToken);
            }

            await end.CancelAsync();
            await running;
            if (run == 0 && !whileRunning)
            {
                ChangeInPlace(folder.At("share/b.bin"));
            }

            Assert.That(shared.Current[0].InfoHash != first, Is.EqualTo(run == 1 || whileRunning));
        }
    }

    private static void ChangeInPlace(string path)
    {
        var written = File.GetLastWriteTimeUtc(path);
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = 30_000;
            file.WriteByte(1);
        }

        File.SetLastWriteTimeUtc(path, written);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task An_address_of_trackers_that_cannot_be_fetched_and_hashes_that_cannot_be_kept_stop_nothing(
        CancellationToken cancellationToken
    )
    {
        using var folder = new TempFolder();
        await using var library = await TestLibrary.StartAsync();
        folder.Write("share/a.bin", new byte[40_000]);
        folder.Write("metadata", [1]); // no folder can be made there
        var server = new ConfiguredServer(
            "s",
            folder.At("share"),
            ["udp://t.example:80"],
            "udp://t.example:80",
            TimeSpan.FromMilliseconds(50),
            16 * 1024,
            false,
            "yaml:9"
        );
        var options = new RouteOptions { MetadataFolder = folder.At("metadata"), Servers = [server] };
        using var shared = new SharedFolders(
            options.Servers,
            options.MetadataFolder,
            library.Manager.Store,
            library.Session,
            TimeProvider.System,
            NullLoggerFactory.Instance
        );
        using var end = new CancellationTokenSource();
        var running = shared.RunAsync(end.Token);

        await Eventually.TrueAsync(() => shared.Current[0].State == SharedFolderState.Seeding, cancellationToken);
        var first = shared.Current[0];
        Assert.That(first.Magnet, Does.EndWith("tr=udp%3A%2F%2Ft.example%3A80"));

        folder.Write("share/b.bin", new byte[5]);
        await Eventually.TrueAsync(
            () => shared.Current[0] is { State: SharedFolderState.Seeding } now && now.InfoHash != first.InfoHash,
            cancellationToken
        );
        await end.CancelAsync();
        await running;
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_torrent_that_a_route_has_too_stays_when_its_folder_changes(CancellationToken cancellationToken)
    {
        await using var library = await TestLibrary.StartAsync();
        var file = Rows.TorrentFile("Film.mkv", ("", 10));
        var hash = Rows.HashOf(file);
        await library.Manager.AddAsync("r", new Addition(null, file, Origins.Api), cancellationToken);

        await library.Manager.Store.ShareAsync(new BitTorrent.Torrents.TorrentSource(hash, null, [], []), cancellationToken);
        await library.Manager.Store.UnshareAsync(hash, cancellationToken);
        Assert.That(library.Session.Find(hash), Is.Not.Null);

        await library.Manager.Store.ShareAsync(new BitTorrent.Torrents.TorrentSource(hash, null, [], []), cancellationToken);
        await library.Manager.RemoveAsync("r", hash, true, cancellationToken);
        Assert.That(library.Session.Find(hash), Is.Not.Null);
        await library.Manager.Store.UnshareAsync(hash, cancellationToken);
        Assert.That(library.Session.Find(hash), Is.Null);
    }
}
