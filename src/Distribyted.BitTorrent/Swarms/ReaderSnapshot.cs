namespace Distribyted.BitTorrent.Swarms;

/// <summary>One open reader right now, for users. Immutable.</summary>
/// <param name="Id">Number of the reader in this swarm; below 0: a request that waits for the metadata.</param>
/// <param name="Client">Who reads: address and program, as far as they are known.</param>
/// <param name="Start">First byte of its file in the torrent.</param>
/// <param name="Length">Bytes of its file.</param>
/// <param name="Position">Bytes from the start of the file to the next one that is read.</param>
/// <param name="Rate">Bytes per second that it takes while it does not wait; 0: not known yet.</param>
/// <param name="FirstWanted">First piece of its window; -1: there is none without metadata.</param>
/// <param name="LastWanted">Last piece of its window; -1: there is none without metadata.</param>
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
    /// <summary>What was asked for, while only that is known; null: the file that begins at <see cref="Start"/>.</summary>
    public string? File { get; init; }

    /// <summary>Verified bytes here from its position on, without a gap.</summary>
    public long BytesAhead { get; init; }

    /// <summary>A request that waits for the metadata: it has no position and no window yet.</summary>
    internal static ReaderSnapshot OfMetadataWait(long id, string file, string client, TimeSpan waited, WaitFacts facts)
    {
        var cause = WaitCauses.Of(facts);
        var wait = new ReaderWait(facts.Piece, waited, 0, 0, 0, [], null, cause, WaitCauses.Describe(cause, facts));
        return new ReaderSnapshot(id, client, 0, 0, 0, 0, -1, -1, wait) { File = file };
    }
}
