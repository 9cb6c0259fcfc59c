// Placeholders until the rest of storage lands; removed with it.
#pragma warning disable
namespace Distribyted.BitTorrent.Storage
{
    using Distribyted.BitTorrent.Pieces;
    using Distribyted.BitTorrent.Protocol;
    using Distribyted.BitTorrent.Protocol.Metainfo;

    internal static class SeedFolderStore
    {
        public static ITorrentPieces Open(TorrentInfo info, string folder, IPieceEvents events) => throw new InvalidOperationException();
    }

    internal sealed class MetainfoStore(string folder)
    {
        public static MetainfoStore Open(string folder)
        {
            folder = Path.Combine(folder, "metainfo");
            Directory.CreateDirectory(folder);
            return new(folder);
        }

        public bool Exists(InfoHash h) => File.Exists(Path.Combine(folder, h.ToString()));
        public async Task<MetainfoFile?> LoadAsync(InfoHash h, CancellationToken ct) => Exists(h) ? MetainfoFile.Read(await File.ReadAllBytesAsync(Path.Combine(folder, h.ToString()), ct)) : null;
        public Task SaveAsync(MetainfoFile f, CancellationToken ct) => File.WriteAllBytesAsync(Path.Combine(folder, f.Info.InfoHash.ToString()), f.Write(), ct);
        public Task SavePeersAsync(InfoHash h, IReadOnlyList<PeerEndPoint> p, CancellationToken ct) => Task.CompletedTask;
        public Task<IReadOnlyList<PeerEndPoint>> LoadPeersAsync(InfoHash h, CancellationToken ct) => Task.FromResult<IReadOnlyList<PeerEndPoint>>([]);
        public void Delete(InfoHash h) => File.Delete(Path.Combine(folder, h.ToString()));
    }
}
