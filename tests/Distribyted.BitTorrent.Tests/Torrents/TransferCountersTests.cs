using Distribyted.BitTorrent.Torrents;

namespace Distribyted.BitTorrent.Tests.Torrents;

internal sealed class TransferCountersTests
{
    private static readonly TimeSpan TwoSeconds = TimeSpan.FromSeconds(2);

    [Test]
    public void A_window_has_what_came_since_the_one_before()
    {
        var counters = new TransferCounters();
        counters.AddDownload(100);
        counters.CloseWindow(TwoSeconds);
        counters.AddDownload(30);
        counters.AddUpload(7);
        Assert.That(counters.Window, Is.EqualTo(new TransferWindow(100, 0, TwoSeconds)), "until it is closed the last one stays");

        counters.CloseWindow(TwoSeconds);

        Assert.That(counters.Window, Is.EqualTo(new TransferWindow(30, 7, TwoSeconds)));
        Assert.That((counters.Downloaded, counters.Uploaded), Is.EqualTo((130, 7)));
    }

    [Test]
    public void What_is_counted_for_a_torrent_is_counted_for_the_session()
    {
        var session = new TransferCounters();
        var (one, other) = (new TransferCounters(session), new TransferCounters(session));

        one.AddDownload(5);
        other.AddDownload(6);
        other.AddUpload(1);

        Assert.That((session.Downloaded, session.Uploaded), Is.EqualTo((11, 1)));
    }

    /// <summary>As a struct of 24 bytes it could be seen half replaced: bytes of one window with the length of another.</summary>
    [Test, CancelAfter(60_000)]
    public async Task A_window_is_never_seen_half_replaced(CancellationToken cancellationToken)
    {
        const int Windows = 200_000;
        var counters = new TransferCounters();
        counters.AddDownload(1);
        counters.AddUpload(1);
        counters.CloseWindow(TimeSpan.FromTicks(1));
        var torn = 0;
        var isOver = false;
        var reader = Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref isOver))
                {
                    var window = counters.Window;
                    torn += window.Downloaded == window.Uploaded && window.Downloaded == window.Length.Ticks ? 0 : 1;
                }
            },
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

        for (var i = 1; i <= Windows; i++)
        {
            counters.AddDownload(i);
            counters.AddUpload(i);
            counters.CloseWindow(TimeSpan.FromTicks(i));
        }

        Volatile.Write(ref isOver, true);
        await reader;

        Assert.That(torn, Is.Zero);
    }
}
