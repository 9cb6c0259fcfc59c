using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.BitTorrent.Transport;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

[TestFixture, CancelAfter(60_000)]
internal sealed class SwarmLockTests : CacheFixture
{
    [Test]
    public async Task A_fault_below_the_scheduler_releases_the_lock(CancellationToken cancellationToken)
    {
        var content = new TestContent(1.MiB(), 64.KiB());
        var options = Options(64.MiB());
        options.Swarm.DownloadRateLimit = 1.MiB(); // then a run with a reader arms the timer
        var time = new FaultyTimers();
        using var services = new SwarmServices(
            options.Swarm,
            options.Transport,
            options.Cache,
            new MonotonicClock(time),
            NullLogger.Instance,
            new AddressGuard(options.Transport, [])
        );
        await using var cache = await OpenAsync(options, cancellationToken);
        await using var swarm = SwarmOf(content, services, cache);
        time.IsFaulty = true;

        Assert.Throws<IOException>(() => swarm.Readers.TryOpen(0, content.Bytes.Length, 0, null, "test"));

        time.IsFaulty = false;
        // On a thread of its own: who left it locked may enter it again.
        var readers = Task.Factory.StartNew(
            () => swarm.Readers.Count,
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        Assert.That(await readers.WaitAsync(cancellationToken), Is.EqualTo(1));
    }

    [Test]
    public async Task The_scheduler_runs_once_when_the_outermost_holder_releases_the_lock()
    {
        await using var stand = new SwarmStand(pieces: 0);
        Check(stand);

        static void Check(SwarmStand stand)
        {
            using (stand.Enter())
            {
                using (stand.Enter())
                {
                    stand.Lock.NeedsRun = true;
                }

                Assert.That(stand.Runs, Is.Zero);
            }

            Assert.That(stand.Runs, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Nothing_is_sent_or_closed_before_the_lock_is_released()
    {
        await using var stand = new SwarmStand(pieces: 0);
        Check(stand);

        static void Check(SwarmStand stand)
        {
            Peer sent;
            Peer closed;
            using (stand.Enter())
            {
                (sent, closed) = (stand.Join(), stand.Join());
                using (stand.Enter())
                {
                    stand.Lock.Post(sent, [0, 0, 0, 0]);
                    stand.Lock.CloseLater(closed);
                }

                Assert.That((sent.Outbox.HasMessages, closed.IsClosed), Is.EqualTo((true, false)));
            }

            Assert.That((sent.Outbox.HasMessages, closed.IsClosed), Is.EqualTo((false, true)));
        }
    }

    private static Swarm SwarmOf(TestContent content, SwarmServices services, IPieceStore cache)
    {
        var torrent = TestTorrent.Of(new TorrentSource(content.Info.InfoHash, "content", [], []), hasMetadata: true);
        var swarm = new Swarm(torrent, services);
        swarm.UseMetadata(content.Info, events => cache.Attach(content.Info, events));
        return swarm;
    }

    private sealed class FaultyTimers : FakeTimeProvider
    {
        public bool IsFaulty { get; set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            return new Timer(this, base.CreateTimer(callback, state, dueTime, period));
        }

        private sealed class Timer(FaultyTimers timers, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                return timers.IsFaulty ? throw new IOException("for the test") : timer.Change(dueTime, period);
            }

            public void Dispose()
            {
                timer.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                return timer.DisposeAsync();
            }
        }
    }
}
