namespace Distribyted.BitTorrent.Swarms;

/// <summary>One open reader right now, for users. Immutable.</summary>
/// <param name="Id">Number of the reader in this swarm.</param>
/// <param name="Client">Who reads: address and program, as far as they are known.</param>
/// <param name="Start">First byte of its file in the torrent.</param>
/// <param name="Length">Bytes of its file.</param>
/// <param name="Position">Bytes from the start of the file to the next one that is read.</param>
/// <param name="Rate">Bytes per second that it takes while it does not wait; 0: not known yet.</param>
/// <param name="FirstWanted">First piece of its window.</param>
/// <param name="LastWanted">Last piece of its window.</param>
/// <param name="Wait">What it waits for; null: nothing.</param>
public sealed record ReaderSnapshot(
    long Id,
    string Client,
    long Start,
    long Length,
    long Position,
    long Rate,
    int FirstWanted,
    int LastWanted,
    ReaderWait? Wait
)
{
    /// <summary>Verified bytes here from its position on, without a gap.</summary>
    public long BytesAhead { get; init; }
}
