using System.Diagnostics;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>What many torrents cost. Measures the whole process, so it runs alone and only when asked for.</summary>
[Explicit("measures the process")]
internal sealed class AnnounceLoadTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task Ten_thousand_torrents_with_dead_trackers_cost_less_than_one_percent_of_a_core(bool isPending)
    {
        var time = new FakeTimeProvider();
        await using var bench = new TrackerBench(time: time, logs: false);
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
            var swarm = new FakeSwarm
            {
                InfoHash = InfoHash.Compute(BitConverter.GetBytes(i)),
                WantedPeers = isPending ? 30 : 0,
                HasMetadata = !isPending,
            };
            announcers.Add(bench.Announcer(swarm, tiers));
            announcers[^1].Start();
        }

        var process = Process.GetCurrentProcess();
        var late = TimeSpan.Zero;
        for (var minute = 0; minute < 10; minute++)
        {
            process.Refresh();
            var cpu = process.TotalProcessorTime;
            for (var second = 0; second < 60; second++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(TimeSpan.FromMilliseconds(15), TimeProvider.System); // what is due needs real time to happen
            }

            process.Refresh();
            var spent = process.TotalProcessorTime - cpu;
            late += minute > 0 ? spent : TimeSpan.Zero;
            await TestContext.Progress.WriteLineAsync($"minute {minute}: {spent / TimeSpan.FromMinutes(1):P2} of a core");
        }

        var memory = (GC.GetTotalMemory(forceFullCollection: true) - before) / announcers.Count;
        await TestContext.Progress.WriteLineAsync($"{memory} bytes per torrent");
        Assert.That(late / TimeSpan.FromMinutes(9), Is.LessThan(0.01));
        await Task.WhenAll(announcers.Select(announcer => announcer.StopAsync(new CancellationToken(canceled: true))));
    }
}
