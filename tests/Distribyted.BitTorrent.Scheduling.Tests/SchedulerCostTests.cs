using Distribyted.Simulation;

namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>What a block costs with sixty peers and a reader who copies: memory nothing, time little.</summary>
[NonParallelizable]
internal sealed class SchedulerCostTests
{
    private const int Peers = 60;

    [Test]
    public void A_block_costs_no_memory_and_a_few_microseconds()
    {
        var load = new SchedulerLoad(Peers);
        load.Run(60 * Peers);
        var accepted = load.Accepted;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var spent = Environment.CpuUsage.TotalTime; // not the wall clock: others use the machine
        load.Run(100 * Peers);
        var blocks = load.Accepted - accepted;
        var each = (Environment.CpuUsage.TotalTime - spent).TotalMicroseconds / blocks;

        TestContext.Out.WriteLine($"{blocks} blocks, {each:0.00} us each");
        Assert.That(blocks, Is.GreaterThan(10_000));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2048));
        Assert.That(each, Is.LessThan(40), "5 us is the aim of a release build on an idle machine; this catches something quadratic");
    }
}
