using BenchmarkDotNet.Running;
using Distribyted.Benchmarks;

// dotnet run --project tests/Distribyted.Benchmarks -c Release -- --filter '*' --job short
BenchmarkSwitcher.FromAssembly(typeof(SchedulerBenchmarks).Assembly).Run(args);
