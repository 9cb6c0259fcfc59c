namespace Distribyted.BitTorrent.Scheduling;

/// <summary>A block that was asked of a peer.</summary>
/// <param name="Piece">Its piece.</param>
/// <param name="Block">Its number in the piece.</param>
/// <param name="SentAt">When it was asked.</param>
/// <param name="FreeAt">0: wanted. Else it was cancelled and occupies the peer's pipe until an answer comes, or until this moment.</param>
/// <param name="Alone">The pipe was empty when it was asked: its answer measures a round trip.</param>
/// <param name="Renewed">How many cancelled requests of this block it took the place of, whose REJECT may still be under way (BEP 6).</param>
internal readonly record struct Request(int Piece, int Block, long SentAt, long FreeAt, bool Alone, int Renewed)
{
    public bool IsZombie => FreeAt != 0;
}
