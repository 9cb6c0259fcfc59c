using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.Routes.Model;

/// <summary>What a listing needs of a torrent's metadata.</summary>
/// <param name="Length">Bytes of the files shown: no padding, no links (BEP 47).</param>
internal sealed record TorrentFacts(InfoHash InfoHash, string Name, bool IsFolder, long Length)
{
    internal static TorrentFacts Of(TorrentInfo info)
    {
        return new TorrentFacts(info.InfoHash, info.Name, !info.IsSingleFile, info.Files.Where(IsShown).Sum(f => f.Length));
    }

    /// <summary>Padding files are not content, and a symbolic link might lead anywhere (BEP 47).</summary>
    internal static bool IsShown(TorrentFile file)
    {
        return (file.Attributes & (TorrentFileAttributes.Padding | TorrentFileAttributes.SymbolicLink)) == TorrentFileAttributes.None;
    }
}
