using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Store;

/// <summary>Adds torrents to routes within a change of the <see cref="LibraryStore"/>, and gives them a name when their metadata is here.</summary>
internal sealed class TorrentAdder(LibraryStore store, EngineTorrents engine, MetadataWatch metadata, ILogger logger)
{
    /// <summary>Writes the metadata of torrents that will be added at once, before that change begins. Errors of the disk come again, and are
    /// reported, when the torrents are added.</summary>
    internal async Task KeepMetadataAsync(IEnumerable<ParsedTorrent> torrents, CancellationToken cancellationToken)
    {
        try
        {
            await engine.KeepMetadataAsync(torrents.Select(t => t.Source), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // See above.
        }
    }

    /// <summary>Adds a torrent within a change, or what is new of a known one. The engine has its metadata on disk when this returns.</summary>
    internal async Task<WriteResult> AddAsync(
        LibraryEdit edit,
        string route,
        ParsedTorrent parsed,
        string origin,
        string? where,
        CatalogUpload? upload,
        string? trackers = null
    )
    {
        if (edit.Model.FindBlocking(route) is { } blocking)
        {
            return new WriteResult(
                WriteOutcome.Forbidden,
                $"There can be no route \"{route}\": the torrent \"{blocking.Name}\" has that name in route \"{blocking.Route}\"."
            );
        }

        edit.Add(parsed.InfoHash);
        var torrent = await engine.AddAsync(parsed.Source, CancellationToken.None); // a client that disconnects does not cancel it
        if (edit.Model.Find(route, parsed.InfoHash) is { } known)
        {
            AddNews(edit, known, parsed, origin, upload, trackers);
            return new WriteResult(WriteOutcome.Done);
        }

        var now = store.Now();
        edit.EnsureRoute(route, now, origin);
        var created = parsed.Source.Metainfo?.Created is { } date && date <= now ? date : now;
        var row = new TorrentRow(
            new CatalogTorrent(route, parsed.InfoHash, null, false, 0, now, created, origin, parsed.Magnet, upload, [], trackers),
            parsed.Title,
            where
        );
        if (parsed.Source.Metainfo is { } metainfo)
        {
            edit.Mount(row, TorrentFacts.Of(metainfo.Info));
        }
        else
        {
            edit.Put(row);
            metadata.Watch(torrent);
        }

        logger.TorrentAdded(route, parsed.Title ?? parsed.InfoHash.ToString(), parsed.InfoHash, origin);
        return new WriteResult(WriteOutcome.Created);
    }

    /// <summary>Waits for the metadata of a torrent that a route has without it.</summary>
    internal async Task WatchAsync(TorrentRow pending)
    {
        metadata.Watch(await engine.AddAsync(LibraryStart.SourceOf(pending), CancellationToken.None));
    }

    /// <summary>Shows torrents whose metadata has come, in every route that waits for them. False: it could not be kept and is to be tried again.</summary>
    internal async Task<bool> MountAsync(IReadOnlyList<TorrentFacts> arrived)
    {
        var result = await store.ChangeAsync(
            $"noting the metadata of {arrived.Count} torrents",
            edit =>
            {
                foreach (var facts in arrived)
                {
                    foreach (var row in edit.Model.Find(facts.InfoHash).Where(r => r.View.IsPending).ToList())
                    {
                        edit.Mount(row, facts);
                        if (row.View.Selection is { } selection && facts.IsEmpty(selection))
                        {
                            logger.SelectionIsEmpty(row.Stored.Route, facts.Name, facts.InfoHash);
                        }

                        logger.MetadataArrived(row.Stored.Route, facts.Name, facts.InfoHash);
                    }
                }

                return new WriteResult(WriteOutcome.Done);
            },
            CancellationToken.None
        );
        return result.Succeeded;
    }

    private static void AddNews(
        LibraryEdit edit,
        TorrentRow known,
        ParsedTorrent parsed,
        string origin,
        CatalogUpload? upload,
        string? trackers
    )
    {
        var stored = known.Stored with
        {
            Magnet = MagnetUnion.Of(
                known.Stored.Magnet,
                known.Stored.Magnet is null && !known.View.IsPending ? FileSelection.Without(parsed.Magnet) : parsed.Magnet
            ),
            Origin = Origins.ComesFromSource(known.Stored.Origin) ? origin : known.Stored.Origin,
            Upload = known.View.IsPending ? upload ?? known.Stored.Upload : null,
            Trackers = trackers is null ? known.Stored.Trackers : TrackerKey.Add(known.Stored.Trackers, trackers),
        };
        if (stored != known.Stored)
        {
            edit.Put(new TorrentRow(stored, known.Title ?? parsed.Title, known.Where));
        }
    }
}
