using BenchmarkDotNet.Running;

// dotnet run --project tests/Distribyted.Benchmarks -c Release -- --filter '*' --job short
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
