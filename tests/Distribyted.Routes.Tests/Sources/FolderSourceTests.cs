using Distribyted.Routes.Sources;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Routes.Tests.Sources;

internal sealed class FolderSourceTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Files_come_and_go_with_the_folder(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var one = Rows.TorrentFile("one", ("", 5));
        folder.Write("watched/a.torrent", one);
        folder.Write("watched/deep/B.TORRENT", Rows.TorrentFile("two", ("", 6)));
        folder.Write("watched/links.magnet", System.Text.Encoding.UTF8.GetBytes(Rows.Magnet("three") + "\n" + Rows.Hash("four") + "\n"));
        folder.Write("watched/other.txt", [1]);
        var source = new FolderSource("r", folder.At("watched"), "yaml:1", TimeProvider.System, NullLogger.Instance);
        await using var said = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

        Assert.That(await said.MoveNextAsync());
        Assert.That(said.Current, Has.Count.EqualTo(4));
        Assert.That(
            said.Current.Select(w => w.InfoHash),
            Has.Member(Rows.HashOf(one)).And.Member(Rows.Hash("three")).And.Member(Rows.Hash("four"))
        );

        var next = said.MoveNextAsync();
        folder.Write("watched/new/sub/c.torrent", Rows.TorrentFile("five", ("", 7)));
        File.Delete(folder.At("watched/a.torrent"));
        Assert.That(await next);
        while (said.Current.Count != 4 || said.Current.Any(w => w.InfoHash == Rows.HashOf(one)))
        {
            Assert.That(await said.MoveNextAsync());
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_half_written_file_is_taken_when_it_is_whole(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var whole = Rows.TorrentFile("one", ("", 5));
        folder.Write("a.torrent", whole[..^9]);
        var source = new FolderSource("r", folder.Path, "yaml:1", TimeProvider.System, NullLogger.Instance);
        await using var said = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Assert.That(await said.MoveNextAsync());
        Assert.That(said.Current, Is.Empty);

        var next = said.MoveNextAsync();
        folder.Write("a.torrent", whole);

        Assert.That(await next);
        Assert.That(said.Current.Single().InfoHash, Is.EqualTo(Rows.HashOf(whole)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_folder_that_is_not_there_says_nothing_until_it_comes(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var time = new FakeTimeProvider();
        var source = new FolderSource("r", folder.At("late"), "yaml:1", time, NullLogger.Instance);
        await using var said = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        var first = said.MoveNextAsync().AsTask();

        folder.Write("late/a.torrent", Rows.TorrentFile("one", ("", 5)));
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(10));
                return first.IsCompleted;
            },
            cancellationToken
        );

        Assert.That(await first);
        Assert.That(said.Current, Has.Count.EqualTo(1));
    }
}
