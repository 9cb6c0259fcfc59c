using Distribyted.Archives.Options;
using Distribyted.Archives.Spools;
using Distribyted.FileSystem;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Archives.Tests;

/// <summary>A tree in memory with archives in it, and the same tree with them as folders.</summary>
internal sealed class ArchiveBed : IAsyncDisposable
{
    private readonly ArchiveTree _archives;
    private readonly TempFolder _spools = new();

    public ArchiveBed(ArchiveOptions? options = null, TimeProvider? time = null, IDiskBudget? budget = null)
    {
        options ??= new ArchiveOptions();
        options.SpoolFolder = _spools.Path;
        Memory = new MemoryFs(time);
        Below = new CountingFs(Memory);
        _archives = new ArchiveTree(options, budget, time ?? TimeProvider.System, NullLogger<ArchiveTree>.Instance);
        Tree = _archives.Over((IFileSystem)Below);
    }

    public MemoryFs Memory { get; }

    public SpoolStore Spools => _archives.Spools;

    /// <summary>Where packed entries are decompressed.</summary>
    public string SpoolFolder => _spools.Path;

    /// <summary>The tree without archives; counts what is read.</summary>
    public CountingFs Below { get; }

    public IFileSystem Tree { get; }

    public static VirtualPath Path(string text)
    {
        return VirtualPath.Parse(text);
    }

    public void Add(string path, byte[] content)
    {
        Memory.AddFile(path, content);
    }

    /// <summary>Names in a folder, once its archive has been read.</summary>
    public async Task<string[]> NamesAsync(string folder, CancellationToken cancellationToken)
    {
        var listing = await ListAsync(folder, cancellationToken);
        return [.. Enumerable.Range(0, listing.Count).Select(i => listing[i].Name)];
    }

    /// <summary>A folder, once its archive has been read or cannot be.</summary>
    public async Task<DirectoryListing> ListAsync(string folder, CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (true)
        {
            var listing = await Tree.ListAsync(Path(folder), cancellationToken);
            Assert.That(listing, Is.Not.Null, folder);
            if (listing!.Note?.Contains("pending", StringComparison.Ordinal) != true)
            {
                return listing;
            }

            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>A whole file.</summary>
    public async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var reader = await Tree.OpenAsync(Path(path), new ReadIntent(0, null, "test"), cancellationToken);
        Assert.That(reader, Is.Not.Null, path);
        var bytes = new byte[reader!.Entry.Length];
        for (var filled = 0; filled < bytes.Length; )
        {
            var read = await reader.ReadAsync(bytes.AsMemory(filled), filled, cancellationToken);
            Assert.That(read, Is.Positive);
            filled += read;
        }

        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Directory.Exists(SpoolFolder))
        {
            return; // twice
        }

        await _archives.DisposeAsync();
        Assert.That(Directory.GetFiles(SpoolFolder), Is.Empty);
        Assert.That(Spools.Threads, Is.Zero);
        _spools.Dispose();
    }
}
