namespace Distribyted.Platform;

/// <summary>Work of the first request that is done once beforehand, so that no client waits for code and types to be loaded.</summary>
/// <param name="Name">For the log.</param>
/// <param name="RunAsync">Does it: sends nothing, writes no file, takes at most some 20 ms of CPU time.</param>
public sealed record WarmUpStep(string Name, Func<CancellationToken, Task> RunAsync);
