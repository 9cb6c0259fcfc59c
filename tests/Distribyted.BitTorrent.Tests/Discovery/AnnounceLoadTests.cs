using System.Diagnostics;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Tests.Discovery;

/// <summary>What many torrents cost. Takes minutes and measures the whole process, so it runs only when asked for.</summary>
[Explicit("minutes of measuring")]
internal sealed class AnnounceLoadTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task Ten_thousand_torrents_with_dead_trackers_cost_less_than_one_percent_of_a_core(bool isPending)
    {
        await using var bench = new TrackerBench(logs: false);
        List<IReadOnlyList<string>> tiers =
        [
            ["http://127.0.0.1:1/announce"],
            ["udp://127.0.0.1:9/announce", "udp://no.such.host:80/announce"],
            ["http://no.other.host/announce"],
        ];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var announcers = new List<TrackerAnnouncer>();
        for (var i = 0; i < 10_000; i++)
        {
            var swarm = new FakeSwarm { InfoHash = InfoHash.Compute(BitConverter.GetBytes(i)), WantedPeers = isPending ? 30 : 0 };
            announcers.Add(bench.Services.CreateAnnouncer(swarm, tiers, false, bench.PeerId, () => 1, isPending));
            announcers[^1].Start();
        }

        var late = 0.0;
        var process = Process.GetCurrentProcess();
        for (var window = 0; window < 12; window++)
        {
            process.Refresh();
            var (cpu, clock) = (process.TotalProcessorTime, Stopwatch.StartNew());
            await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System);
            process.Refresh();
            var share = (process.TotalProcessorTime - cpu) / clock.Elapsed;
            var memory = window is 0 or 11 ? (GC.GetTotalMemory(forceFullCollection: true) - before) / 10_000 : 0;
            await TestContext.Progress.WriteLineAsync($"{window * 20, 3} s: {share:P2} of a core, {memory} bytes per torrent");
            late += window >= 9 ? share / 3 : 0;
        }

        Assert.That(late, Is.LessThan(0.01), "the fourth minute; before it, back-off is still short");
        using var budget = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        await Task.WhenAll(announcers.Select(announcer => announcer.StopAsync(budget.Token)));
    }
}
