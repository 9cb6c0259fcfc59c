namespace Distribyted.Routes.Sharing;

/// <summary>The pieces of a folder as it was.</summary>
/// <param name="PieceLength">Bytes.</param>
/// <param name="Files">In torrent order.</param>
/// <param name="Pieces">20 bytes of SHA-1 for each piece.</param>
internal sealed record FolderHashes(int PieceLength, IReadOnlyList<SharedFile> Files, byte[] Pieces)
{
    internal const int HashLength = 20;

    internal int Count => Pieces.Length / HashLength;

    /// <summary>The same, with the files of a piece as if they had never been read.</summary>
    internal FolderHashes Without(int piece)
    {
        var start = (long)piece * PieceLength;
        var end = start + PieceLength;
        var at = 0L;
        var files = new List<SharedFile>(Files.Count);
        foreach (var file in Files)
        {
            var isPart = at < end && at + file.Length > start;
            files.Add(isPart ? file with { Written = -1 } : file);
            at += file.Length;
        }

        return this with
        {
            Files = files,
        };
    }

    internal static long TotalLength(IReadOnlyList<SharedFile> files)
    {
        return files.Sum(f => f.Length);
    }

    internal static int CountOf(IReadOnlyList<SharedFile> files, int pieceLength)
    {
        return checked((int)((TotalLength(files) + pieceLength - 1) / pieceLength));
    }
}
