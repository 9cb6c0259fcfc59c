using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Torrents;
using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Sharing;
using Distribyted.Testing;

namespace Distribyted.Routes.Tests.Tree;

/// <summary>The tree keeps to what every file system keeps to. The engine has the bytes because it shares them itself: no swarm is needed.</summary>
internal sealed class LibraryFsConformanceTests : FileSystemConformance
{
    private TempFolder _folder = null!;
    private TestLibrary _library = null!;

    protected override string Base => "/films/nested";

    [SetUp]
    public async Task Begin()
    {
        _folder = new TempFolder();
        _library = await TestLibrary.StartAsync();
    }

    [TearDown]
    public async Task End()
    {
        await _library.DisposeAsync();
        _folder.Dispose();
    }

    protected override async Task<IFileSystem> CreateAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        foreach (var torrent in files.GroupBy(f => f.Key.Split('/')[0]))
        {
            foreach (var (path, content) in torrent)
            {
                _folder.Write(Path.Combine(torrent.Key + ".d", path), content);
            }

            await AddAsync(torrent.Key, cancellationToken);
        }

        return _library.Tree;
    }

    private async Task AddAsync(string name, CancellationToken cancellationToken)
    {
        var parent = _folder.At(name + ".d");
        var isFolder = Directory.Exists(Path.Combine(parent, name));
        var folder = isFolder ? Path.Combine(parent, name) : parent;
        var files = FolderScan.Of(folder).Files;
        var (hashes, _) = await TorrentCreator.HashAsync(folder, files, 16 * 1024, null, null, cancellationToken);
        var info = isFolder
            ? TorrentCreator.Describe(name, hashes, isPrivate: false)
            : TorrentInfoWriter.WriteFile(name, files[0].Length, hashes.PieceLength, hashes.Pieces);
        var metainfo = new MetainfoFile(info, [], [], null, null);

        await _library.Manager.Store.ShareAsync(new TorrentSource(info.InfoHash, name, [], [], metainfo, folder), cancellationToken);
        var (result, _) = await _library.Manager.AddAsync(
            "films/nested",
            new Addition(null, metainfo.Write(), Origins.Api),
            cancellationToken
        );
        Assert.That(result.Succeeded, Is.True, result.Reason);
    }
}
