namespace Distribyted.Routes.Sharing;

/// <summary>The pieces of a folder as it was.</summary>
/// <param name="PieceLength">Bytes.</param>
/// <param name="Files">In torrent order.</param>
/// <param name="Pieces">20 bytes of SHA-1 for each piece.</param>
internal sealed record FolderHashes(int PieceLength, IReadOnlyList<SharedFile> Files, byte[] Pieces)
{
    internal const int HashLength = 20;

    internal int Count => Pieces.Length / HashLength;

    internal static long TotalLength(IReadOnlyList<SharedFile> files)
    {
        return files.Sum(f => f.Length);
    }

    internal static int CountOf(IReadOnlyList<SharedFile> files, int pieceLength)
    {
        return checked((int)((TotalLength(files) + pieceLength - 1) / pieceLength));
    }
}
