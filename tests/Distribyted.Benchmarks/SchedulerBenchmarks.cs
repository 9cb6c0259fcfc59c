using BenchmarkDotNet.Attributes;
using Distribyted.Simulation;

namespace Distribyted.Benchmarks;

/// <summary>What deciding costs, per block.</summary>
[MemoryDiagnoser]
public class SchedulerBenchmarks
{
    private const int Turns = 1000;

    private SchedulerLoad _load = null!;

    [Params(4, 60)]
    public int Peers { get; set; }

    [GlobalSetup]
    public void Connect()
    {
        _load = new SchedulerLoad(Peers);
        Batches_of_four_blocks();
    }

    [Benchmark(OperationsPerInvoke = SchedulerLoad.Batch * Turns)]
    public void Batches_of_four_blocks()
    {
        _load.Run(Turns);
    }
}
