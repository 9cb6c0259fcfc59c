using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.FileSystem;
using Distribyted.Routes.Model;

namespace Distribyted.Routes.Tree;

/// <summary>The files of one torrent that are shown, as folders. Immutable.</summary>
internal sealed class TorrentTree
{
    private TorrentTree(InfoHash infoHash, string selection, IReadOnlyList<ShownFile> files, DirectoryTree folders)
    {
        InfoHash = infoHash;
        Selection = selection;
        Files = files;
        Folders = folders;
        Tag = infoHash.ToString();
    }

    internal InfoHash InfoHash { get; }

    /// <summary>The key of the selection whose files are shown; empty: all are.</summary>
    internal string Selection { get; }

    /// <summary>The info hash as text: each entry's tag begins with it.</summary>
    internal string Tag { get; }

    /// <summary>Shown files; <see cref="TreeItem.File"/> counts among these.</summary>
    internal IReadOnlyList<ShownFile> Files { get; }

    internal DirectoryTree Folders { get; }

    /// <param name="info">The torrent.</param>
    /// <param name="selection">The files that are shown; null: all.</param>
    /// <exception cref="FileSystemException">Two paths cannot both be.</exception>
    internal static TorrentTree Build(TorrentInfo info, FileSelection? selection)
    {
        var shown = new List<ShownFile>();
        var paths = new List<IReadOnlyList<string>>();
        foreach (var index in FileSelection.Shown(info.Files, selection))
        {
            var file = info.Files[index];
            shown.Add(new ShownFile(index, file.Offset, file.Length));
            paths.Add(file.Path);
        }

        try
        {
            return new TorrentTree(info.InfoHash, selection?.Key ?? "", shown, DirectoryTree.Build(paths));
        }
        catch (ArgumentException e)
        {
            throw new FileSystemException(FileSystemFailure.Corrupt, $"The files of {info.InfoHash} contradict each other: {e.Message}", e);
        }
    }

    /// <summary>One shown file.</summary>
    /// <param name="Index">Which file of the torrent, hidden ones counted, so that ETags never change.</param>
    /// <param name="Offset">Bytes from the start of the torrent.</param>
    /// <param name="Length">Bytes.</param>
    internal readonly record struct ShownFile(int Index, long Offset, long Length);
}
