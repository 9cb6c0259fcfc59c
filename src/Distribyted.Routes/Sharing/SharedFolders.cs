using Distribyted.BitTorrent;
using Distribyted.Routes.Store;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sharing;

/// <summary>All shared folders (<c>servers:</c>). Safe for use by many threads.</summary>
public sealed class SharedFolders : IDisposable
{
    private readonly IReadOnlyList<SharedFolder> _folders;

    internal SharedFolders(
        IEnumerable<ConfiguredServer> servers,
        string metadataFolder,
        LibraryStore store,
        TorrentSession session,
        TimeProvider time,
        ILoggerFactory loggers
    )
    {
        var trackers = new TrackerList(session);
        var logger = loggers.CreateLogger<SharedFolders>();
        _folders = [.. servers.Select(s => new SharedFolder(s, metadataFolder, store, trackers, time, logger))];
    }

    /// <summary>Every folder right now, in file order.</summary>
    public IReadOnlyList<SharedFolderView> Current => [.. _folders.Select(f => f.View)];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var folder in _folders)
        {
            folder.Dispose();
        }
    }

    /// <summary>Keeps all of them offered until cancelled.</summary>
    internal Task RunAsync(CancellationToken cancellationToken)
    {
        return Task.WhenAll(_folders.Select(f => f.RunAsync(cancellationToken)));
    }
}
