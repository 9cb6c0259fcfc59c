using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.FileSystem;
using Distribyted.Routes.Model;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Tree;

/// <summary>The folders inside torrents, read from their metadata when they are asked for, the last used kept: at most a number of files in all,
/// so that browsing 10,000 torrents does not keep 10,000 file lists.</summary>
internal sealed class TorrentTrees
{
    private const int MaxFiles = 200_000; // about 100 bytes each
    private static readonly TimeSpan MetadataTimeout = TimeSpan.FromSeconds(5); // it is on disk; if it is not, a listing must not wait

    private readonly TorrentSession _session;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private readonly Lock _lock = new();
    private readonly Dictionary<(InfoHash, string), LinkedListNode<TorrentTree>> _kept = []; // guarded by _lock
    private readonly LinkedList<TorrentTree> _order = new(); // guarded by _lock; last used first
    private int _files; // guarded by _lock

    internal TorrentTrees(TorrentSession session, TimeProvider time, ILogger logger)
    {
        _session = session;
        _time = time;
        _logger = logger;
    }

    /// <summary>The folders of a torrent whose metadata is known.</summary>
    /// <param name="hash">Which torrent.</param>
    /// <param name="selection">The files that are shown; null: all.</param>
    /// <param name="asked">The path in the torrent for which it is asked: shown to users while it waits for metadata.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="FileSystemException">It was removed, its metadata is lost and not back yet, or its paths contradict each other.</exception>
    internal ValueTask<TorrentTree> GetAsync(
        InfoHash hash,
        FileSelection? selection,
        VirtualPath asked,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
        {
            if (_kept.TryGetValue((hash, selection?.Key ?? ""), out var node))
            {
                _order.Remove(node);
                _order.AddFirst(node);
                return ValueTask.FromResult(node.Value);
            }
        }

        return new ValueTask<TorrentTree>(ReadAsync(hash, selection, asked, cancellationToken));
    }

    private async Task<TorrentTree> ReadAsync(
        InfoHash hash,
        FileSelection? selection,
        VirtualPath asked,
        CancellationToken cancellationToken
    )
    {
        var torrent =
            _session.Find(hash) ?? throw new FileSystemException(FileSystemFailure.Removed, $"The torrent {hash} has just been removed.");
        TorrentTree tree;
        try
        {
            var info = await torrent.TryGetInfoAsync(cancellationToken) ?? await FetchAsync(torrent, asked, cancellationToken);
            tree = TorrentTree.Build(info, selection);
        }
        catch (TimeoutException e)
        {
            _logger.MetadataLost(hash);
            throw new FileSystemException(
                FileSystemFailure.Unavailable,
                $"The metadata of {hash} is no longer on disk and is fetched again; try later.",
                e
            );
        }
        catch (TorrentException e)
        {
            throw TorrentFileReader.Translate(e);
        }

        Keep(tree);
        return tree;
    }

    private async Task<TorrentInfo> FetchAsync(Torrent torrent, VirtualPath asked, CancellationToken cancellationToken)
    {
        using var shown = torrent.ShowMetadataWait(asked.Value.TrimStart('/'), ""); // who asks is not known before a file is opened
        return await torrent.GetInfoAsync(cancellationToken).WaitAsync(MetadataTimeout, _time, cancellationToken);
    }

    private void Keep(TorrentTree tree)
    {
        lock (_lock)
        {
            if (_kept.TryGetValue((tree.InfoHash, tree.Selection), out var other))
            {
                _order.Remove(other);
                _files -= other.Value.Files.Count;
            }

            _kept[(tree.InfoHash, tree.Selection)] = _order.AddFirst(tree);
            _files += tree.Files.Count;
            while (_files > MaxFiles && _order.Last is { } last && last != _order.First)
            {
                _order.RemoveLast();
                _kept.Remove((last.Value.InfoHash, last.Value.Selection));
                _files -= last.Value.Files.Count;
            }
        }
    }
}
