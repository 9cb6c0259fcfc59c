using System.Collections.Concurrent;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Platform;
using Distribyted.Routes.Model;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Store;

/// <summary>The torrents of the engine that the library and the shared folders use. The engine has a torrent as long as one of them does.</summary>
/// <remarks>The methods that change which torrents are shared belong to the change that holds the store's lock.</remarks>
internal sealed class EngineTorrents(TorrentSession session, ILogger logger)
{
    private readonly HashSet<InfoHash> _shared = []; // guarded by the store's lock: torrents of shared folders
    private readonly ConcurrentDictionary<Task, byte> _removals = new(); // under way

    internal Torrent? Find(InfoHash hash)
    {
        return session.Find(hash);
    }

    /// <summary>Names the torrents of the catalog to the engine, which reads their metadata when it is needed.</summary>
    /// <param name="rows">All of them.</param>
    /// <param name="isComplete">Whether the catalog is known to be complete; else metadata of torrents that it lacks is kept, because it spares
    /// the swarm when they are added again.</param>
    internal void AddKnown(IReadOnlyList<TorrentRow> rows, bool isComplete)
    {
        session.AddKnown(rows.DistinctBy(r => r.InfoHash).Select(LibraryStart.SourceOf));
        if (rows.Count > 0 && isComplete)
        {
            session.DropStrayMetadata();
        }
    }

    /// <summary>Adds a torrent; its metadata, if it came with it, is on disk when this returns.</summary>
    internal Task<Torrent> AddAsync(TorrentSource source, CancellationToken cancellationToken)
    {
        return session.AddAsync(source, cancellationToken);
    }

    /// <summary>Writes metadata of many torrents to disk, before they are added one by one.</summary>
    internal Task KeepMetadataAsync(IEnumerable<TorrentSource> sources, CancellationToken cancellationToken)
    {
        return session.KeepMetadataAsync(sources, cancellationToken);
    }

    /// <summary>Adds the torrent of a shared folder.</summary>
    internal async Task ShareAsync(TorrentSource source, CancellationToken cancellationToken)
    {
        await session.AddAsync(source, cancellationToken);
        _shared.Add(source.InfoHash);
    }

    /// <summary>A shared folder does not need this torrent any more.</summary>
    internal void Unshare(InfoHash hash)
    {
        _shared.Remove(hash);
    }

    /// <summary>Removes a torrent that neither a route nor a shared folder has. From now on it is not found; telling its trackers (<c>stopped</c>)
    /// may take seconds and goes on in the background.</summary>
    internal void RemoveUnused(LibraryModel model, InfoHash hash, bool pieces)
    {
        if (_shared.Contains(hash) || model.Find(hash).Any())
        {
            return;
        }

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _removals[ended.Task] = 0;
        Background.Forget("removal of a torrent", logger, RemoveAsync(hash, pieces, ended));
    }

    /// <summary>Waits for the removals that are under way.</summary>
    internal Task WaitForRemovalsAsync()
    {
        return Task.WhenAll(_removals.Keys);
    }

    private async Task RemoveAsync(InfoHash hash, bool pieces, TaskCompletionSource ended)
    {
        try
        {
            await session.RemoveAsync(hash, pieces, CancellationToken.None);
        }
        catch (Exception e)
        {
            logger.RemovalFailed(hash, e);
        }
        finally
        {
            _removals.TryRemove(ended.Task, out _);
            ended.SetResult();
        }
    }
}
