namespace Distribyted.BitTorrent.Storage.Assembly;

/// <summary>Takes over a piece that is being filled, when it is verified, given up, or too long for its memory.</summary>
internal interface IPieceDestination
{
    /// <summary>Takes verified-so-far bytes of a piece that is longer than the memory it may have. On return they are elsewhere.</summary>
    /// <exception cref="IOException">They are not.</exception>
    /// <exception cref="UnauthorizedAccessException">They are not.</exception>
    void Spill(PieceAssembly piece, int offset, ReadOnlySpan<byte> data);

    /// <summary>The hash is right: the buffer belongs to the destination from now on. Must not block.</summary>
    void Verified(PieceAssembly piece);

    /// <summary>Given up unfinished; the buffer is free already and the budget is not.</summary>
    void Discarded(PieceAssembly piece);
}
