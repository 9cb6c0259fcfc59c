namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>How a web seed's time in a swarm ended.</summary>
/// <param name="Reason">For users and the log.</param>
/// <param name="IsFinal">Whether asking it again would be of no use.</param>
/// <param name="RetryIn">When it wants to be asked again; null: it did not say.</param>
internal sealed record WebSeedEnd(string Reason, bool IsFinal = false, TimeSpan? RetryIn = null);
