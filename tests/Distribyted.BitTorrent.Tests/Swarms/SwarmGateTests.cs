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
internal sealed class SwarmGateTests : CacheFixture
{
    [Test]
    public async Task A_fault_below_the_scheduler_does_not_lock_the_gate(CancellationToken cancellationToken)
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

        Assert.Throws<IOException>(() => swarm.TryOpenReader(0, content.Bytes.Length, 0, null, "test"));

        time.IsFaulty = false;
        // On a thread of its own: whoever left the gate locked may enter it again.
        var readers = Task.Factory.StartNew(
            () => swarm.ReaderCount,
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        Assert.That(await readers.WaitAsync(cancellationToken), Is.EqualTo(1));
    }

    private static Swarm SwarmOf(TestContent content, SwarmServices services, IPieceStore cache)
    {
        var torrent = TestTorrent.Of(new TorrentSource(content.Info.InfoHash, "content", [], []), hasMetadata: true);
        var swarm = new Swarm(torrent, services);
        swarm.UseMetadata(content.Info, () => cache.Attach(content.Info, swarm));
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
