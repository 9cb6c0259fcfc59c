namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Told by the journal keeper what became of a piece that was given to it. Called under the cache's lock.</summary>
internal interface IWriteOutcome
{
    /// <summary>The piece is in its slots and in the journal: it survives the end of this process.</summary>
    void Stored(RamPiece piece);

    /// <summary>Its slots or the journal did not take the piece.</summary>
    void NotStored(RamPiece piece, Exception reason);
}
