using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Store;
using Distribyted.Routes.Telemetry;
using Distribyted.Routes.Watching;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sources;

/// <summary>Makes the library what its sources say: adds what is new, notes which place names what, and removes what only a source had
/// named and none names any more.</summary>
internal sealed class SourceReconciler
{
    private const int Chunk = 256; // the lock is released between chunks, so that a POST need not wait for a thousand files

    private readonly LibraryStore _store;
    private readonly TorrentAdder _adder;
    private readonly IReadOnlyList<ITorrentSource> _sources;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private readonly Dictionary<ITorrentSource, IReadOnlyList<WantedTorrent>> _named = []; // guarded by the store's lock
    private readonly Dictionary<ITorrentSource, string> _doubted = []; // guarded by the store's lock: why what it does not name stays

    internal SourceReconciler(
        LibraryStore store,
        TorrentAdder adder,
        IReadOnlyList<ITorrentSource> sources,
        TimeProvider time,
        ILogger logger
    )
    {
        _store = store;
        _adder = adder;
        _sources = sources;
        _time = time;
        _logger = logger;
    }

    /// <summary>Follows all sources until cancelled.</summary>
    internal Task RunAsync(CancellationToken cancellationToken)
    {
        return Task.WhenAll(_sources.Select(source => FollowAsync(source, cancellationToken)));
    }

    /// <summary>Makes the library what the source says; false: it could not be written to disk and is to be tried again.</summary>
    internal async Task<bool> ReconcileAsync(
        ITorrentSource source,
        IReadOnlyList<WantedTorrent> wanted,
        CancellationToken cancellationToken
    )
    {
        var claimed = await _store.ChangeAsync($"following {source.Name}", edit => ApplyNames(edit, source, wanted), cancellationToken);
        var isDone = claimed.Succeeded;
        var fresh = wanted.Where(IsNew).DistinctBy(w => (w.Route, w.InfoHash, w.File is null, w.Trackers)).ToList();
        var next = ReadAsync([], cancellationToken);
        try
        {
            foreach (var chunk in fresh.Chunk(Chunk).Append([])) // one is read, and its metadata written, while the one before is added
            {
                var ready = await next;
                next = ReadAsync(chunk, cancellationToken);
                isDone &= await AddAsync(ready, cancellationToken);
            }
        }
        finally
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return isDone;
    }

    private async Task<IReadOnlyList<(WantedTorrent Wanted, ParsedTorrent ParsedTorrent)>> ReadAsync(
        IReadOnlyList<WantedTorrent> wanted,
        CancellationToken cancellationToken
    )
    {
        await Task.Yield();
        var read = wanted.Select(w => (Wanted: w, ParsedTorrent: Read(w)!)).Where(pair => pair.ParsedTorrent is not null).ToList();
        await _adder.KeepMetadataAsync(read.Select(pair => pair.ParsedTorrent), cancellationToken);
        return read;
    }

    private async Task<bool> AddAsync(
        IReadOnlyList<(WantedTorrent Wanted, ParsedTorrent ParsedTorrent)> wanted,
        CancellationToken cancellationToken
    )
    {
        if (wanted.Count == 0)
        {
            return true;
        }

        var result = await _store.ChangeAsync(
            $"adding {wanted.Count} torrents of files, the first from {wanted[0].Wanted.Where}",
            async edit =>
            {
                foreach (var (item, parsed) in wanted)
                {
                    var added = await _adder.AddAsync(
                        edit,
                        edit.Model.CanonicalName(item.Route),
                        parsed,
                        item.Origin,
                        item.Where,
                        null,
                        item.Trackers
                    );
                    if (!added.Succeeded)
                    {
                        _logger.WantedNotAdded(item.Where, added.Reason);
                    }
                }

                return new WriteResult(WriteOutcome.Done);
            },
            cancellationToken
        );
        if (result.Succeeded || result.Outcome == WriteOutcome.NoSpace || wanted.Count == 1)
        {
            return result.Outcome != WriteOutcome.NoSpace;
        }

        var isDone = true; // one of them cannot be added: add each by itself
        foreach (var item in wanted)
        {
            isDone &= await AddAsync([item], cancellationToken);
        }

        return isDone;
    }

    private async Task FollowAsync(ITorrentSource source, CancellationToken cancellationToken)
    {
        try
        {
            while (!await TryFollowAsync(source, cancellationToken))
            {
                await Task.Delay(FolderWatch.LookEvery, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    /// <summary>False: it ended with an error, and is to be begun anew.</summary>
    private async Task<bool> TryFollowAsync(ITorrentSource source, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var wanted in source.WatchAsync(cancellationToken))
            {
                while (!await ReconcileAsync(source, wanted, cancellationToken))
                {
                    await Task.Delay(FolderWatch.LookEvery, _time, cancellationToken); // what has changed meanwhile is in the next item
                }
            }

            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.SourceFailed(source.Name, FolderWatch.LookEvery, e);
            return false;
        }
    }

    /// <summary>New here, or known by a link that names less, or by a file with other trackers, or waiting for the metadata that a file now brings.</summary>
    private bool IsNew(WantedTorrent wanted)
    {
        var model = _store.Model;
        return model.Find(model.CanonicalName(wanted.Route), wanted.InfoHash) is not { } row
            || (wanted.Trackers is { } trackers && (row.View.IsPending || !TrackerKey.IsIn(row.Stored.Trackers, trackers)))
            || !string.Equals(MagnetUnion.Of(row.Stored.Magnet, wanted.Magnet), row.Stored.Magnet, StringComparison.Ordinal);
    }

    private ParsedTorrent? Read(WantedTorrent wanted)
    {
        string? error;
        if (wanted.File is { } file)
        {
            try
            {
                if (ParsedTorrent.TryReadFile(File.ReadAllBytes(file), out var fromFile, out error))
                {
                    return fromFile;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                error = e.Message;
            }
        }
        else if (ParsedTorrent.TryReadMagnet(wanted.Magnet ?? wanted.InfoHash.ToString(), out var fromMagnet, out error))
        {
            return fromMagnet;
        }

        _logger.WantedNotAdded(wanted.Where, error);
        return null;
    }

    private WriteResult ApplyNames(LibraryEdit edit, ITorrentSource source, IReadOnlyList<WantedTorrent> wanted)
    {
        _named[source] = wanted;
        NoteFolder(edit, source, wanted);
        var claims = new Dictionary<(string Route, BitTorrent.Protocol.InfoHash InfoHash), WantedTorrent>();
        foreach (var named in _sources.SelectMany(s => _named.GetValueOrDefault(s) ?? []))
        {
            claims.TryAdd((edit.Model.CanonicalName(named.Route), named.InfoHash), named);
        }

        foreach (var row in edit.Model.Routes.SelectMany(r => r.Rows).ToList())
        {
            var claim = claims.GetValueOrDefault((row.Stored.Route, row.InfoHash));
            if (claim is not null)
            {
                edit.SetWhere(row, claim.Where);
            }
            else if (Origins.ComesFromSource(row.Stored.Origin) && AllHaveReported(row.Stored.Route, row.Stored.Origin))
            {
                edit.Remove(row, pieces: false);
                _logger.TorrentRemoved(row.Stored.Route, row.View.Name, row.InfoHash);
            }
            else
            {
                edit.SetWhere(row, null); // no source names it: it may be removed by hand
            }
        }

        foreach (var route in edit.Model.Routes.ToList())
        {
            if (route is { Where: null, Count: 0 } && Origins.ComesFromSource(route.Stored.Origin))
            {
                edit.RemoveRoute(route.Name);
            }
        }

        return new WriteResult(WriteOutcome.Done);
    }

    /// <summary>Notes whether a watched folder can be relied on (see <see cref="FolderTrust"/>), and how it looks now, so that a missing disk is recognised later.</summary>
    private void NoteFolder(LibraryEdit edit, ITorrentSource source, IReadOnlyList<WantedTorrent> wanted)
    {
        if (source.Folder is not { } facts)
        {
            return;
        }

        var named = wanted.Select(w => w.InfoHash).ToHashSet();
        foreach (var route in edit.Model.Routes.Where(r => source.Answers(r.Name, Origins.Folder)).ToList())
        {
            var missing = route.Rows.Count(r =>
                string.Equals(r.Stored.Origin, Origins.Folder, StringComparison.Ordinal) && !named.Contains(r.InfoHash)
            );
            if (FolderTrust.WhyNot(facts, route.Stored.Folder, missing) is { } reason)
            {
                if (!string.Equals(_doubted.GetValueOrDefault(source), reason, StringComparison.Ordinal))
                {
                    _doubted[source] = reason;
                    _logger.FolderDoubted(route.Name, facts.Path, reason, missing);
                }

                return;
            }

            _doubted.Remove(source);
            var folder = new CatalogFolder(facts.Path, facts.Extent);
            if (!facts.IsEmpty && route.Stored.Folder != folder)
            {
                edit.Put(route.Stored with { Folder = folder }, route.Where);
            }
        }
    }

    /// <summary>Whether every source that might name such a torrent has reported what it names.</summary>
    private bool AllHaveReported(string route, string origin)
    {
        return _sources
            .Where(s => s.Answers(route, origin))
            .All(s => _named.ContainsKey(s) && !s.MayKnowMore(route) && !_doubted.ContainsKey(s));
    }
}
