namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>One thing to do at a later time, in a <see cref="DueQueue"/>.</summary>
/// <param name="Kind">What.</param>
/// <param name="Transaction">The question that it is about; 0: none.</param>
internal readonly record struct Due(DueKind Kind, uint Transaction = 0)
{
    /// <summary>The search that it is about; null: none.</summary>
    public Search? Search { get; init; }
}
