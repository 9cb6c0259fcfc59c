using Distribyted.BitTorrent.Storage.Assembly;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>The reserved place of one open piece.</summary>
/// <param name="cache">The cache.</param>
/// <param name="torrent">Whose piece.</param>
/// <param name="group">Its slots; null: the disk is full and it will live in memory.</param>
internal sealed class PieceHome(PieceCache cache, CachedTorrent torrent, CacheGroup? group) : IPieceHome
{
    public void Spill(PieceAssembly piece, int offset, ReadOnlySpan<byte> data)
    {
        cache.Spill(torrent, group!, piece.Piece, offset, data);
    }

    public void Verified(PieceAssembly piece)
    {
        cache.Verified(torrent, group, piece);
    }

    public void Discarded(PieceAssembly piece)
    {
        cache.Discarded(group, piece);
    }
}
