using Distribyted.Archives.Folders;
using Distribyted.Archives.Indexes;
using Distribyted.Archives.Options;
using Distribyted.FileSystem;
using Microsoft.Extensions.Logging;

namespace Distribyted.Archives;

/// <summary>Shows the archives of a tree as folders. Safe for use by many threads; starts nothing before the first archive is looked into.</summary>
public sealed class ArchiveTree : IAsyncDisposable
{
    private readonly ArchiveOptions _options;
    private readonly TimeProvider _time;
    private readonly ArchiveIndexes _indexes;

    /// <summary>For one or more trees with the same options.</summary>
    public ArchiveTree(ArchiveOptions options, TimeProvider time, ILogger<ArchiveTree> logger)
    {
        _options = options;
        _time = time;
        _indexes = new ArchiveIndexes(options, time, logger);
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

    /// <summary>Ends reading of lists of entries.</summary>
    public ValueTask DisposeAsync()
    {
        return _indexes.DisposeAsync();
    }

    private ArchiveFs View(IFileSystem tree)
    {
        return new ArchiveFs(tree, _indexes, _options.ModeOf, _options.Depth);
    }
}
