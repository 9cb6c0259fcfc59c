using System.Collections.Concurrent;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Metainfo;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>Writes the metadata and trackers of torrents that are added to disk, before they are added. Safe for use by many threads.</summary>
internal sealed class MetainfoKeeper(MetainfoStore store)
{
    private readonly ConcurrentDictionary<InfoHash, MetainfoFile> _justKept = new(); // about to be added

    /// <summary>Keeps the metadata of many torrents at once, so that <see cref="KeepAsync"/> finds each on disk.</summary>
    /// <exception cref="IOException">Not all of it could be kept.</exception>
    public async Task KeepAllAsync(IEnumerable<TorrentSource> sources, CancellationToken cancellationToken)
    {
        var files = sources
            .Select(s => s.Metainfo)
            .OfType<MetainfoFile>()
            .DistinctBy(f => f.Info.InfoHash)
            .Where(f => !store.Exists(f.Info.InfoHash))
            .ToList();
        await store.SaveAllAsync(files, cancellationToken);
        foreach (var file in files)
        {
            _justKept[file.Info.InfoHash] = file;
        }
    }

    /// <summary>Keeps metadata that is not here yet, and trackers that its file does not name yet.</summary>
    /// <returns>The file as it is now; null: there is none, or nothing in the source concerns it.</returns>
    public async Task<MetainfoFile?> KeepAsync(TorrentSource source, CancellationToken cancellationToken)
    {
        if (_justKept.TryRemove(source.InfoHash, out var same) && ReferenceEquals(same, source.Metainfo) && store.Exists(source.InfoHash))
        {
            return same; // it need not be read to see that
        }

        var known =
            source is { Metainfo: null, Trackers.Count: 0 } || !store.Exists(source.InfoHash)
                ? null
                : await store.LoadAsync(source.InfoHash, cancellationToken);
        if (known is null)
        {
            if (source.Metainfo is not null && !store.Exists(source.InfoHash))
            {
                await store.SaveAsync(source.Metainfo, cancellationToken);
            }

            return source.Metainfo;
        }

        var trackers = source.SeedFolder is not null
            ? source.Trackers // the owner's list, and no other
            : TrackerUnion.Of(known.Trackers, source.Trackers, known.Info.IsPrivate, source.Metainfo is not null);
        IReadOnlyList<string> webSeeds = [.. known.WebSeeds.Union(source.Metainfo?.WebSeeds ?? [], StringComparer.Ordinal)];
        var isSame =
            trackers is null || trackers.SelectMany(t => t).SequenceEqual(known.Trackers.SelectMany(t => t), StringComparer.Ordinal);
        if (isSame && webSeeds.Count == known.WebSeeds.Count)
        {
            return known;
        }

        var now = known with { Trackers = trackers ?? known.Trackers, WebSeeds = webSeeds };
        await store.SaveAsync(now, cancellationToken);
        return now;
    }
}
