using Distribyted.Routes.Sources;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Routes.Tests.Sources;

internal sealed class SourceReconcilerTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Many_files_are_added_in_one_go_and_one_that_cannot_be_holds_up_no_other(CancellationToken cancellationToken)
    {
        const int count = 600;
        using var folder = new TempFolder();
        var files = Enumerable.Range(0, count).Select(i => Rows.TorrentFile($"Film {i:000}.mkv", ("", 100))).ToList();
        for (var i = 0; i < count; i++)
        {
            folder.Write($"{i}.torrent", files[i]);
        }

        folder.Write("bad.torrent", [1]);
        folder.Write("waits.magnet", System.Text.Encoding.UTF8.GetBytes(Rows.Magnet("waits", "Waits")));
        await using var library = await TestLibrary.StartAsync();
        var source = new FolderSource("r", folder.Path, "yaml:1", TimeProvider.System, NullLogger.Instance);
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Assert.That(await lists.MoveNextAsync());

        var reconciler = new SourceReconciler(
            library.Manager.Store,
            library.Manager.Adder,
            [source],
            TimeProvider.System,
            NullLogger.Instance
        );
        Assert.That(await reconciler.ReconcileAsync(source, lists.Current, cancellationToken));

        var torrents = library.Manager.Current.Routes.Single().Torrents;
        Assert.That(torrents.Count(t => !t.IsPending), Is.EqualTo(count));
        Assert.That(torrents.Single(t => t.IsPending).Name, Is.EqualTo("Waits"));
        Assert.That(
            Directory.EnumerateFiles(Path.Combine(library.Options.MetadataFolder, "metainfo")).Select(Path.GetFileNameWithoutExtension),
            Is.EquivalentTo(files.Select(f => Rows.HashOf(f).ToString()))
        );
    }
}
