using Distribyted.BitTorrent.Storage;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>A temporary folder for each test, and piece caches in it, for swarms that are made without a session.</summary>
internal abstract class CacheFixture
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("swarm-").FullName;
    }

    [TearDown]
    public void DeleteFolder()
    {
        Directory.Delete(_folder, recursive: true);
    }

    protected BitTorrentOptions Options(long cacheSize)
    {
        return new BitTorrentOptions
        {
            Discovery = { DisableDht = true },
            MetadataFolder = _folder,
            Transport = { DisableLsd = true },
            Cache =
            {
                Folder = Path.Combine(_folder, "pieces"),
                Size = cacheSize,
                PieceMemory = 32.MiB(),
            },
        };
    }

    protected static Task<IPieceStore> OpenAsync(BitTorrentOptions options, CancellationToken cancellationToken)
    {
        return PieceStorage.OpenCacheAsync(options.Cache, TimeProvider.System, NullLogger.Instance, cancellationToken);
    }
}
