using Distribyted.BitTorrent.Protocol;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sharing;

/// <summary>What a shared folder is doing; names as <c>/api/servers</c> has them.</summary>
public enum SharedFolderState
{
    /// <summary>Not looked at yet.</summary>
    Unknown,

    /// <summary>Its torrent is offered.</summary>
    Seeding,

    /// <summary>Its files are hashed for the first time.</summary>
    Reading,

    /// <summary>Changed files are hashed; the former torrent is still offered.</summary>
    Updating,

    /// <summary>Empty: nothing to offer.</summary>
    Stopped,

    /// <summary>It cannot be read; the log says why.</summary>
    Error,
}

/// <summary>One shared folder right now.</summary>
public sealed record SharedFolderView(
    string Name,
    string Folder,
    SharedFolderState State,
    string Magnet,
    InfoHash? InfoHash,
    DateTimeOffset? Updated
);

/// <summary>All shared folders (<c>servers:</c>). Safe for use by many threads.</summary>
public sealed class SharedFolders : IDisposable
{
    private readonly TrackerList _trackers;
    private readonly IReadOnlyList<SharedFolder> _folders;

    internal SharedFolders(RouteOptions options, RouteManager manager, TimeProvider time, ILoggerFactory loggers)
    {
        _trackers = new TrackerList(time);
        var logger = loggers.CreateLogger<SharedFolders>();
        _folders = [.. options.Servers.Select(s => new SharedFolder(s, options.MetadataFolder, manager, _trackers, time, logger))];
    }

    /// <summary>Every folder right now, in file order.</summary>
    public IReadOnlyList<SharedFolderView> Current => [.. _folders.Select(f => f.View)];

    /// <inheritdoc/>
    public void Dispose()
    {
        _trackers.Dispose();
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
