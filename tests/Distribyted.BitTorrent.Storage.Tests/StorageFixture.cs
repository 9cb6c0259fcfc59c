using Distribyted.BitTorrent.Storage.Cache;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Storage.Tests;

/// <summary>A temporary folder for each test, and caches in it.</summary>
internal abstract class StorageFixture
{
    protected string Folder { get; private set; } = "";

    [SetUp]
    public void MakeFolder()
    {
        Folder = Path.Combine(Path.GetTempPath(), "storage-" + Path.GetRandomFileName());
        Directory.CreateDirectory(Folder);
    }

    [TearDown]
    public void DeleteFolder()
    {
        Directory.Delete(Folder, recursive: true);
    }

    protected CacheOptions Options(long cacheSize, long? pieceMemory = null, long? hotCache = null, string? folder = null)
    {
        return new CacheOptions
        {
            Folder = Path.Combine(folder ?? Folder, "pieces"),
            Size = cacheSize,
            PieceMemory = pieceMemory ?? 32.MiB(),
            HotCache = hotCache ?? 0,
        };
    }

    protected static Task<PieceCache> OpenAsync(CacheOptions options, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        return PieceCache.OpenAsync(options, time ?? TimeProvider.System, NullLogger.Instance, cancellationToken);
    }

    /// <summary>As <c>du --apparent-size</c> counts, but for the folder itself.</summary>
    protected static long SizeOf(string folder)
    {
        var sum = 0L;
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            try
            {
                sum += new FileInfo(path).Length;
            }
            catch (FileNotFoundException)
            {
                // the snapshot's temporary was renamed between the two calls
            }
        }

        return sum;
    }

    protected static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var path in Directory.GetFiles(from))
        {
            File.Copy(path, Path.Combine(to, Path.GetFileName(path)));
        }
    }
}
