using Distribyted.Archives.Folders;
using Distribyted.Archives.Indexes;
using Distribyted.Archives.Options;
using Distribyted.Archives.Spools;
using Distribyted.FileSystem;
using Microsoft.Extensions.Logging;

namespace Distribyted.Archives;

/// <summary>Shows the archives of a tree as folders. Safe for use by many threads; starts nothing before the first archive is looked into.</summary>
public sealed class ArchiveTree : IAsyncDisposable
{
    private readonly ArchiveOptions _options;
    private readonly TimeProvider _time;
    private readonly ArchiveIndexes _indexes;
    private readonly SpoolStore _spools;

    /// <summary>For one or more trees with the same options.</summary>
    /// <param name="options">What is shown and what it may take.</param>
    /// <param name="budget">Disk space for what is decompressed; null: there is no limit.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public ArchiveTree(ArchiveOptions options, IDiskBudget? budget, TimeProvider time, ILogger<ArchiveTree> logger)
    {
        _options = options;
        _time = time;
        _spools = new SpoolStore(options, budget, time, logger);
        _indexes = new ArchiveIndexes(options, _spools, time, logger);
    }

    /// <summary>The same tree with archives as folders, for reading.</summary>
    public IFileSystem Over(IFileSystem tree)
    {
        return _options.IsOn ? View(tree) : tree;
    }

    /// <summary>The same tree with archives as folders. What is in an archive cannot be changed: what is deleted there comes back
    /// after a minute, unless the archive itself is deleted, too. Everything else as before.</summary>
    public IWritableFileSystem Over(IWritableFileSystem tree)
    {
        return _options.IsOn ? new WritableArchiveFs(tree, View(tree), _time) : tree;
    }

    /// <summary>What was decompressed.</summary>
    internal SpoolStore Spools => _spools;

    /// <summary>Ends reading of lists of entries and all decompression; what was decompressed is removed from disk.</summary>
    public async ValueTask DisposeAsync()
    {
        await _indexes.DisposeAsync();
        await _spools.DisposeAsync();
    }

    private ArchiveFs View(IFileSystem tree)
    {
        return new ArchiveFs(tree, _indexes, _spools, _options.ModeOf, _options.Depth);
    }
}
