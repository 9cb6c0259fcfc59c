using System.Collections.Concurrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Routes.Store;
using Distribyted.Routes.Telemetry;
using Distribyted.Routes.Watching;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sharing;

/// <summary>One folder of <c>servers:</c>, kept offered as a torrent: watched, hashed again after a quiet time where it changed, the former
/// torrent dropped when the new one is ready.</summary>
internal sealed class SharedFolder : ISharedFolderOwner, IDisposable
{
    private const int LongestQuiet = 6; // times the quiet time: some folders are never quiet

    private readonly ConfiguredServer _server;
    private readonly string _folder;
    private readonly HashStore _hashes;
    private readonly FolderOffer _offer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private readonly FolderWatch _watch;
    private readonly HashProgress _progress = new();
    private readonly ConcurrentQueue<int> _changed = new(); // pieces that are not as they were hashed

    private FolderHashes? _known; // of the loop: what has been read
    private IReadOnlyList<SharedFile>? _offered; // of the loop: what peers are told of
    private readonly ReadableFiles _files; // the loop's
    private string? _trouble; // of the loop: logged already
    private bool _isUnfinished; // of the loop: something is there that is not offered yet

    internal SharedFolder(
        ConfiguredServer server,
        string metadataFolder,
        LibraryStore store,
        TrackerList trackers,
        TimeProvider time,
        ILogger logger
    )
    {
        _server = server;
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(server.Path)); // its last part is the torrent's name
        _watch = new FolderWatch(_folder, recursive: true, time, logger);
        _hashes = new HashStore(metadataFolder, _folder);
        _files = new ReadableFiles(_folder, server.Name, logger);
        _offer = new FolderOffer(server, _folder, this, store, trackers, time, logger);
        _time = time;
        _logger = logger;
    }

    internal SharedFolderView View
    {
        get
        {
            var view = _offer.View;
            return view.State is SharedFolderState.Reading or SharedFolderState.Updating ? view with { Hashed = _progress.Part } : view;
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
    }

    void ISharedFolderOwner.PiecesMissing(int count)
    {
        _offer.SetMissing(count);
    }

    void ISharedFolderOwner.PieceChanged(int piece)
    {
        _changed.Enqueue(piece);
        _watch.Signal();
    }

    /// <summary>Keeps it offered until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var watch = _watch;
        try
        {
            await LoadAsync(cancellationToken);
            var isQuiet = true;
            while (true)
            {
                var done = await TryUpdateAsync(watch, isQuiet, cancellationToken);
                isQuiet = await WaitAsync(watch, lookAgain: !done || _isUnfinished, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end; the engine announces `stopped` for the torrent.
        }
    }

    /// <summary>Waits for a change; whether the folder is quiet now.</summary>
    private async Task<bool> WaitAsync(FolderWatch watch, bool lookAgain, CancellationToken cancellationToken)
    {
        try
        {
            await watch.WaitAsync(lookAgain, cancellationToken);
            return await WaitUntilQuietAsync(watch, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _logger.SourceFailed("shared folder " + _server.Name, FolderWatch.LookEvery, e);
            await Task.Delay(FolderWatch.LookEvery, _time, cancellationToken);
            return true;
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            _known = await _hashes.LoadAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested) // whatever it is: the folder is read again
        {
            _logger.HashesNotUsed(_server.Name, e.Message);
        }
    }

    /// <summary>Offers what is there now; false when the folder cannot be read and is to be tried again.</summary>
    private async Task<bool> TryUpdateAsync(FolderWatch watch, bool isQuiet, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(_folder);
            watch.Ensure();
            await UpdateAsync(watch, isQuiet, cancellationToken);
            _trouble = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProtocolException or TorrentException)
        {
            _offer.SetState(SharedFolderState.Error);
            if (!string.Equals(_trouble, e.Message, StringComparison.Ordinal))
            {
                _trouble = e.Message; // logged once: the next try is in 30 s
                _logger.FolderUnreadable(_server.Name, e.Message, FolderWatch.LookEvery);
            }

            return false;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _offer.SetState(SharedFolderState.Error);
            _logger.SourceFailed("shared folder " + _server.Name, FolderWatch.LookEvery, e);
            return false;
        }
    }

    private async Task UpdateAsync(FolderWatch watch, bool isQuiet, CancellationToken cancellationToken)
    {
        RereadChanged();
        while (true)
        {
            var files = await _files.ScanAsync(cancellationToken);
            if (!isQuiet)
            {
                await Task.Delay(_server.QuietTime, _time, cancellationToken);
                var before = files.ToHashSet();
                var after = await _files.ScanAsync(cancellationToken);
                files = [.. after.Where(before.Contains)]; // what is still being written comes later
                _isUnfinished = _files.HasLeftOut || files.Count < after.Count;
            }
            else
            {
                _isUnfinished = _files.HasLeftOut;
            }

            if (FolderHashes.TotalLength(files) == 0)
            {
                if (_files.HasLeftOut)
                {
                    throw new IOException("nothing in it can be read"); // what is offered so far stays offered
                }

                if (!_isUnfinished)
                {
                    await _offer.WithdrawAsync(cancellationToken);
                    _offered = null;
                }

                return;
            }

            if (_offered is not null && _offered.SequenceEqual(files))
            {
                _offer.SetState(SharedFolderState.Seeding);
                return;
            }

            _progress.Report(0, 0);
            _offer.SetState(_offer.IsOffered ? SharedFolderState.Updating : SharedFolderState.Reading);
            if (await _files.TryHashAsync(files, _server.PieceLength, _known, _progress, cancellationToken) is not var (hashes, read))
            {
                continue; // without what may not be read
            }

            _known = hashes; // good for every file that stayed, even if another one changed meanwhile
            var now = await _files.ScanAsync(cancellationToken);
            _isUnfinished = _files.HasLeftOut;
            if (isQuiet ? now.SequenceEqual(files) : files.All(now.ToHashSet().Contains))
            {
                _isUnfinished |= now.Count > files.Count;
                await KeepAsync(hashes, cancellationToken);
                await _offer.OfferAsync(hashes, read, cancellationToken);
                _offered = files;
                return;
            }

            isQuiet = await WaitUntilQuietAsync(watch, cancellationToken); // still being written
        }
    }

    /// <summary>Has files read again whose bytes changed although their times did not.</summary>
    private void RereadChanged()
    {
        while (_changed.TryDequeue(out var piece))
        {
            _known = _known?.Without(piece);
            _offered = null;
        }
    }

    private Task<bool> WaitUntilQuietAsync(FolderWatch watch, CancellationToken cancellationToken)
    {
        return watch.WaitUntilQuietAsync(_server.QuietTime, LongestQuiet * _server.QuietTime, cancellationToken);
    }

    private async Task KeepAsync(FolderHashes hashes, CancellationToken cancellationToken)
    {
        try
        {
            await _hashes.SaveAsync(hashes, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.HashesNotKept(_server.Name, e.Message);
        }
    }
}
