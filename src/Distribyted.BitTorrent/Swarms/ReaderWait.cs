namespace Distribyted.BitTorrent.Swarms;

/// <summary>A piece, or the metadata, that a reader waits for. Immutable.</summary>
/// <param name="Piece">Which; -1: the metadata.</param>
/// <param name="Waited">For how long it has waited.</param>
/// <param name="Blocks">How many blocks the piece has.</param>
/// <param name="BlocksHere">How many of them are here.</param>
/// <param name="BlocksInFlight">How many were asked for and are not here.</param>
/// <param name="From">Of whom they were asked.</param>
/// <param name="ExpectedIn">When the last asked block should be here; null: not all that is missing was asked for.</param>
/// <param name="Cause">Why it waits.</param>
/// <param name="Text">The same as one sentence.</param>
public sealed record ReaderWait(
    int Piece,
    TimeSpan Waited,
    int Blocks,
    int BlocksHere,
    int BlocksInFlight,
    IReadOnlyList<WaitPeer> From,
    TimeSpan? ExpectedIn,
    WaitCause Cause,
    string Text
);
