using Distribyted.Routes.Sources;
using Distribyted.Routes.Watching;
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
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

        Assert.That(await lists.MoveNextAsync());
        Assert.That(lists.Current, Has.Count.EqualTo(4));
        Assert.That(
            lists.Current.Select(w => w.InfoHash),
            Has.Member(Rows.HashOf(one)).And.Member(Rows.Hash("three")).And.Member(Rows.Hash("four"))
        );

        var next = lists.MoveNextAsync();
        folder.Write("watched/new/sub/c.torrent", Rows.TorrentFile("five", ("", 7)));
        File.Delete(folder.At("watched/a.torrent"));
        Assert.That(await next);
        while (lists.Current.Count != 4 || lists.Current.Any(w => w.InfoHash == Rows.HashOf(one)))
        {
            Assert.That(await lists.MoveNextAsync());
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
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Assert.That(await lists.MoveNextAsync());
        Assert.That(lists.Current, Is.Empty);

        var next = lists.MoveNextAsync();
        folder.Write("a.torrent", whole);

        Assert.That(await next);
        Assert.That(lists.Current.Single().InfoHash, Is.EqualTo(Rows.HashOf(whole)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_folder_that_is_not_there_says_nothing_until_it_comes(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var time = new FakeTimeProvider();
        var source = new FolderSource("r", folder.At("late"), "yaml:1", time, NullLogger.Instance);
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        var first = lists.MoveNextAsync().AsTask();

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
        Assert.That(lists.Current, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_file_that_is_torn_for_a_moment_names_what_it_named(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        var whole = Rows.TorrentFile("one", ("", 5));
        folder.Write("a.torrent", whole);
        var source = new FolderSource("r", folder.Path, "yaml:1", TimeProvider.System, NullLogger.Instance);
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Assert.That(await lists.MoveNextAsync());

        var next = lists.MoveNextAsync();
        folder.Write("a.torrent", whole[..^9]);
        folder.Write("b.torrent", Rows.TorrentFile("two", ("", 6)));

        Assert.That(await next);
        Assert.That(lists.Current.Select(w => w.InfoHash), Has.Member(Rows.HashOf(whole)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_folder_that_was_put_in_the_place_of_another_is_watched(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        folder.Make("watched");
        var source = new FolderSource("r", folder.At("watched"), "yaml:1", TimeProvider.System, NullLogger.Instance);
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Assert.That(await lists.MoveNextAsync());
        Assert.That(lists.Current, Is.Empty);

        for (var round = 0; round < 3; round++)
        {
            var one = lists.MoveNextAsync();
            folder.Write("new/a.torrent", Rows.TorrentFile($"one {round}", ("", 5)));
            if (Directory.Exists(folder.At("watched")))
            {
                Directory.Move(folder.At("watched"), folder.At($"old {round}"));
            }

            Directory.Move(folder.At("new"), folder.At("watched"));
            Assert.That(await one);
            while (lists.Current.Count != 1)
            {
                Assert.That(await lists.MoveNextAsync());
            }

            var two = lists.MoveNextAsync();
            folder.Write("watched/b.torrent", Rows.TorrentFile($"two {round}", ("", 6)));
            Assert.That(await two);
            Assert.That(lists.Current, Has.Count.EqualTo(2));
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_folder_that_is_never_quiet_is_looked_at(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        folder.Write("busy.torrent", [1]);
        var source = new FolderSource("r", folder.Path, "yaml:1", TimeProvider.System, NullLogger.Instance);
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Assert.That(await lists.MoveNextAsync());

        var next = lists.MoveNextAsync().AsTask();
        folder.Write("a.torrent", Rows.TorrentFile("one", ("", 5)));
        await Eventually.TrueAsync(
            () =>
            {
                folder.Write("busy.torrent", [1]);
                return next.IsCompleted;
            },
            cancellationToken
        );

        Assert.That(lists.Current, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_slash_at_the_end_changes_nothing_for_a_folder_that_is_made_anew(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        folder.Make("watched");
        var time = new FakeTimeProvider();
        var source = new FolderSource("r", folder.At("watched") + "/", "yaml:1", time, NullLogger.Instance);
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Assert.That(await lists.MoveNextAsync());

        var next = lists.MoveNextAsync().AsTask();
        Directory.Delete(folder.At("watched"));
        folder.Write("new/a.torrent", Rows.TorrentFile("one", ("", 5)));
        Directory.Move(folder.At("new"), folder.At("watched"));
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(10)); // too little for a look without a reason
                return next.IsCompleted;
            },
            cancellationToken
        );

        Assert.That(lists.Current, Has.Count.EqualTo(1));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Links_to_files_count_and_what_they_lead_to_may_change(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        folder.Make("watched");
        var time = new FakeTimeProvider();
        var one = folder.Write("files/1", Rows.TorrentFile("one", ("", 5)));
        File.CreateSymbolicLink(folder.At("watched/a.torrent"), one);
        File.CreateSymbolicLink(
            folder.At("watched/b.magnet"),
            folder.Write("files/2", System.Text.Encoding.UTF8.GetBytes(Rows.Magnet("two")))
        );
        File.CreateSymbolicLink(folder.At("watched/dead.torrent"), folder.At("nothing"));
        Directory.CreateSymbolicLink(folder.At("watched/round"), folder.At("watched"));
        var source = new FolderSource("r", folder.At("watched"), "yaml:1", time, NullLogger.Instance);
        await using var lists = source.WatchAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

        Assert.That(await lists.MoveNextAsync());
        Assert.That(lists.Current, Has.Count.EqualTo(2));

        var next = lists.MoveNextAsync().AsTask();
        var other = Rows.TorrentFile("another one", ("", 7));
        await File.WriteAllBytesAsync(one, other, cancellationToken);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return next.IsCompleted;
            },
            cancellationToken
        );
        Assert.That(lists.Current.Select(w => w.InfoHash), Has.Member(Rows.HashOf(other)));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_folder_that_may_not_be_read_is_not_looked_at_again_and_again(CancellationToken cancellationToken)
    {
        if (Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            Assert.Ignore("Root may read everything.");
            return;
        }

        using var folder = new TempFolder();
        var closed = folder.Make("lost+found");
        File.SetUnixFileMode(closed, UnixFileMode.None);
        var log = new RecordingLog();
        using var watch = new FolderWatch(folder.Path, recursive: true, new FakeTimeProvider(), log);
        watch.Ensure();

        var change = watch.WaitAsync(lookAgain: false, cancellationToken);
        await Eventually.TrueAsync(() => log.Lines.Any(l => l.Contains("cannot be watched", StringComparison.Ordinal)), cancellationToken);
        Assert.That(change.IsCompleted, Is.False);

        folder.Write("a.torrent", [1]);
        await change;
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
