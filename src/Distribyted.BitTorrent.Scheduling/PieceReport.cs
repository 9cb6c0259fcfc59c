namespace Distribyted.BitTorrent.Scheduling;

/// <summary>How far a piece is that is being fetched.</summary>
/// <param name="Blocks">How many it has.</param>
/// <param name="Here">How many of them are here.</param>
/// <param name="From">The peers that were asked for some of the others.</param>
public sealed record PieceReport(int Blocks, int Here, IReadOnlyList<AskedPeer> From)
{
    /// <summary>Blocks that were asked for and are not here.</summary>
    public int InFlight { get; init; }
}
