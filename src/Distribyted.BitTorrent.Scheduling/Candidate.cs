namespace Distribyted.BitTorrent.Scheduling;

/// <summary>A peer that may be asked in this run.</summary>
internal struct Candidate
{
    public PeerState Peer;

    /// <summary>When the next block asked of it would be here.</summary>
    public long Arrival;

    /// <summary>Blocks that are left for it, because it is busy now and would nevertheless send them first.</summary>
    public int Others;

    /// <inheritdoc cref="PeerState.BlockTime"/>
    public long BlockTime;

    /// <summary>Requests that it may have in addition.</summary>
    public int Free;
}
