namespace Distribyted.Platform;

/// <summary>Work of the first request that is done once beforehand, so that no client waits for code and types to be loaded.</summary>
/// <param name="Name">For the log.</param>
/// <param name="RunAsync">Does it: nothing of it leaves this machine or stays on it, and it takes at most some 100 ms of CPU time.</param>
public sealed record WarmUpStep(string Name, Func<CancellationToken, Task> RunAsync);
