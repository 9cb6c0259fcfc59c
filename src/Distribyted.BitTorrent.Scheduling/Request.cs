namespace Distribyted.BitTorrent.Scheduling;

/// <summary>A block that was asked of a peer.</summary>
/// <param name="Piece">Its piece.</param>
/// <param name="Block">Its number in the piece.</param>
/// <param name="SentAt">When it was asked.</param>
/// <param name="FreeAt">0: wanted. Else it was cancelled and occupies the peer's pipe until an answer comes, or until this moment.</param>
/// <param name="Alone">The pipe was empty when it was asked: its answer measures a round trip.</param>
/// <param name="PendingRejects">How many REJECTs may still come for earlier, cancelled requests of the same block (BEP 6).</param>
internal readonly record struct Request(int Piece, int Block, long SentAt, long FreeAt, bool Alone, int PendingRejects)
{
    /// <summary>When it should be here by the speed and the round trip of the peer alone; 0: not known.</summary>
    public long ExpectedAt { get; init; }

    /// <summary>A CANCEL was sent and no answer has come yet.</summary>
    public bool IsCancelled => FreeAt != 0;
}
