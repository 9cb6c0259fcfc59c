namespace Distribyted.BitTorrent.Storage.Assembly;

/// <summary>Where a piece goes that is being filled.</summary>
internal interface IPieceHome
{
    /// <summary>Takes verified-so-far bytes of a piece that is longer than the memory it may have. On return they are elsewhere.</summary>
    /// <exception cref="IOException">They are not.</exception>
    /// <exception cref="UnauthorizedAccessException">They are not.</exception>
    void Spill(PieceAssembly piece, int offset, ReadOnlySpan<byte> data);

    /// <summary>The hash is right: the buffer belongs to the home from now on. Must not block.</summary>
    void Verified(PieceAssembly piece);

    /// <summary>Given up unfinished; the buffer is free already and the budget is not.</summary>
    void Discarded(PieceAssembly piece);
}
