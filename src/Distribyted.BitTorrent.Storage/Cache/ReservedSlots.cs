using Distribyted.BitTorrent.Storage.Assembly;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Where one open piece goes.</summary>
/// <param name="opener">Takes the piece over.</param>
/// <param name="torrent">The piece's torrent.</param>
/// <param name="group">Its slots; null: the disk is full, and the piece will live in memory only.</param>
/// <param name="doubts"><see cref="CacheIndex.Doubts"/> when they were reserved.</param>
internal sealed class ReservedSlots(PieceOpener opener, CachedTorrent torrent, CacheGroup? group, int doubts) : IPieceDestination
{
    public void Spill(PieceAssembly piece, int offset, ReadOnlySpan<byte> data)
    {
        opener.Spill(torrent, group!, piece.Piece, offset, data);
    }

    public void Verified(PieceAssembly piece)
    {
        opener.Verified(torrent, group, piece, doubts);
    }

    public void Discarded(PieceAssembly piece)
    {
        opener.Discarded(group, piece);
    }
}
