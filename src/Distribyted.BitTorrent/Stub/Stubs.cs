// Placeholders until the rooms of storage and discovery land; removed with them.
#pragma warning disable
namespace Distribyted.BitTorrent.Storage
{
    using Distribyted.BitTorrent.Pieces;
    using Distribyted.BitTorrent.Protocol;
    using Distribyted.BitTorrent.Protocol.Metainfo;
    using Microsoft.Extensions.Logging;

    internal sealed class PieceCache : IPieceStore
    {
        public static Task<PieceCache> OpenAsync(BitTorrentOptions o, TimeProvider t, ILogger l, CancellationToken ct) =>
            throw new InvalidOperationException();

        public (long Items, long Filled, long Capacity) Usage => throw new InvalidOperationException();

        public ITorrentPieces Attach(TorrentInfo info, IPieceEvents events) => throw new InvalidOperationException();

        public bool HasPieces(InfoHash hash) => false;

        public void Remove(InfoHash hash) { }

        public ValueTask DisposeAsync() => default;
    }

    internal static class SeedFolderStore
    {
        public static ITorrentPieces Open(TorrentInfo info, string folder, IPieceEvents events) => throw new InvalidOperationException();
    }

    internal sealed class MetainfoStore
    {
        public static MetainfoStore Open(string folder) => throw new InvalidOperationException();

        public bool Exists(InfoHash h) => false;

        public Task<MetainfoFile?> LoadAsync(InfoHash h, CancellationToken ct) => throw new InvalidOperationException();

        public Task SaveAsync(MetainfoFile f, CancellationToken ct) => throw new InvalidOperationException();

        public Task SavePeersAsync(InfoHash h, IReadOnlyList<PeerEndPoint> p, CancellationToken ct) =>
            throw new InvalidOperationException();

        public Task<IReadOnlyList<PeerEndPoint>> LoadPeersAsync(InfoHash h, CancellationToken ct) => throw new InvalidOperationException();

        public void Delete(InfoHash h) { }
    }
}
