using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.Routes.Model;

/// <summary>What a listing needs of a torrent's metadata.</summary>
/// <param name="Files">All of them. Kept only until the torrent is mounted.</param>
internal sealed record TorrentFacts(InfoHash InfoHash, string Name, bool IsFolder, IReadOnlyList<TorrentFile> Files)
{
    internal static TorrentFacts Of(TorrentInfo info)
    {
        return new TorrentFacts(info.InfoHash, info.Name, !info.IsSingleFile, info.Files);
    }

    /// <summary>Padding files are not content, and a symbolic link might lead anywhere (BEP 47).</summary>
    internal static bool IsShown(TorrentFile file)
    {
        return (file.Attributes & (TorrentFileAttributes.Padding | TorrentFileAttributes.SymbolicLink)) == TorrentFileAttributes.None;
    }

    /// <summary>Bytes of the files shown: no padding, no links (BEP 47), none that the link does not select (BEP 53).</summary>
    internal long LengthOf(FileSelection? selection)
    {
        return FileSelection.Shown(Files, selection).Sum(index => Files[index].Length);
    }

    /// <summary>Whether a selection has no effect, because none of its files can be shown.</summary>
    internal bool IsEmpty(FileSelection selection)
    {
        return !FileSelection.Shown(Files, selection).Any(selection.Includes);
    }
}
