using System.Collections.Concurrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Telemetry;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Storage.Metainfo;

/// <summary>The folder <c>metainfo/</c>: a <c>.torrent</c> for each torrent, its info dictionary verbatim, so that a restart needs no network.</summary>
/// <remarks>
/// Files are named by info hash and replaced whole: temporary, fsync, rename. The best peers lie beside them in compact form, because they change
/// often and metadata never does. Which torrents are here is known from one look at the folder at start. Safe for use by many threads.
/// </remarks>
public sealed class MetainfoStore
{
    /// <summary>Most peers that are remembered of one torrent.</summary>
    public const int MaxPeers = 16;

    private const int WritesAtOnce = 32;
    private const string Folder = "metainfo";
    private const string Extension = ".torrent";
    private const string PeersExtension = ".peers";
    private const string TemporaryExtension = ".tmp";

    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<InfoHash, byte> _known = new();
    private long _lastTemporary;

    private MetainfoStore(string folder, ILogger logger)
    {
        _folder = folder;
        _logger = logger;
    }

    /// <summary>Torrents whose metadata is here.</summary>
    public IEnumerable<InfoHash> All => _known.Keys;

    /// <summary>Opens the store of a metadata folder, or makes it; reads names only.</summary>
    public static MetainfoStore Open(string metadataFolder, ILogger? logger = null)
    {
        var folder = Path.Combine(metadataFolder, Folder);
        Directory.CreateDirectory(folder);
        var store = new MetainfoStore(folder, logger ?? NullLogger.Instance);
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(path);
            if (name.EndsWith(TemporaryExtension, StringComparison.Ordinal))
            {
                File.Delete(path); // a write that never finished
            }
            else if (
                name.EndsWith(Extension, StringComparison.Ordinal)
                && name.Length == (InfoHash.Length * 2) + Extension.Length
                && InfoHash.TryParse(name[..^Extension.Length], out var hash)
            )
            {
                store._known.TryAdd(hash, 0);
            }
        }

        return store;
    }

    /// <summary>Whether the metadata is here. Does not touch the disk.</summary>
    public bool Exists(InfoHash hash)
    {
        return _known.ContainsKey(hash);
    }

    /// <summary>Reads a torrent's metadata; null: it is not here, or damaged, and is to be fetched again.</summary>
    public async Task<MetainfoFile?> LoadAsync(InfoHash hash, CancellationToken cancellationToken)
    {
        var path = PathOf(hash, Extension);
        try
        {
            var file = MetainfoFile.Read(await File.ReadAllBytesAsync(path, cancellationToken));
            if (file.Info.InfoHash == hash)
            {
                return file;
            }

            _logger.MetainfoDamaged(path, null);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            _known.TryRemove(hash, out _); // another program deleted it
            return null;
        }
        catch (ProtocolException exception)
        {
            _logger.MetainfoDamaged(path, exception);
        }

        _known.TryRemove(hash, out _);
        File.Delete(path);
        return null;
    }

    /// <summary>Keeps a torrent's metadata. It is on disk when this returns.</summary>
    public async Task SaveAsync(MetainfoFile file, CancellationToken cancellationToken)
    {
        await ReplaceAsync(PathOf(file.Info.InfoHash, Extension), file.Write(), durable: true, cancellationToken);
        _known.TryAdd(file.Info.InfoHash, 0);
    }

    /// <summary>Keeps the metadata of many torrents, which takes a small part of the time that they take one by one: their fsyncs are one for the disk.
    /// All is on disk when this returns.</summary>
    public async Task SaveAllAsync(IEnumerable<MetainfoFile> files, CancellationToken cancellationToken)
    {
        var saved = new ConcurrentQueue<InfoHash>();
        try
        {
            await Parallel.ForEachAsync(
                files,
                new ParallelOptions { MaxDegreeOfParallelism = WritesAtOnce, CancellationToken = cancellationToken },
                async (file, cancelled) =>
                {
                    await ReplaceAsync(PathOf(file.Info.InfoHash, Extension), file.Write(), durable: true, cancelled, flushFolder: false);
                    saved.Enqueue(file.Info.InfoHash);
                }
            );
        }
        finally
        {
            if (!saved.IsEmpty)
            {
                DurableFile.FlushFolder(_folder);
            }
        }

        foreach (var hash in saved)
        {
            _known.TryAdd(hash, 0);
        }
    }

    /// <summary>Keeps the first 16 of these peers in place of those kept before. Not fsynced: they are only hints.</summary>
    public async Task SavePeersAsync(InfoHash hash, IReadOnlyList<PeerEndPoint> peers, CancellationToken cancellationToken)
    {
        var kept = peers.Take(MaxPeers).ToArray();
        if (kept.Length == 0)
        {
            return;
        }

        var bytes = new byte[kept.Sum(peer => 1 + peer.CompactLength)];
        var at = 0;
        foreach (var peer in kept)
        {
            bytes[at++] = (byte)peer.CompactLength;
            at += peer.WriteCompact(bytes.AsSpan(at));
        }

        await ReplaceAsync(PathOf(hash, PeersExtension), bytes, durable: false, cancellationToken);
    }

    /// <summary>The peers that were kept, best first; empty: none.</summary>
    public async Task<IReadOnlyList<PeerEndPoint>> LoadPeersAsync(InfoHash hash, CancellationToken cancellationToken)
    {
        var path = PathOf(hash, PeersExtension);
        if (!File.Exists(path))
        {
            return [];
        }

        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return []; // they are only hints: no error of theirs may keep a torrent from starting
        }

        var peers = new List<PeerEndPoint>();
        for (var at = 0; at < bytes.Length && peers.Count < MaxPeers; )
        {
            var length = bytes[at++];
            if (length is not (6 or 18) || bytes.Length - at < length)
            {
                break; // damaged: what was read so far is as good as any
            }

            peers.Add(PeerEndPoint.ReadCompact(bytes.AsSpan(at, length)));
            at += length;
        }

        return peers;
    }

    /// <summary>Deletes a torrent's metadata and peers.</summary>
    public void Delete(InfoHash hash)
    {
        _known.TryRemove(hash, out _);
        File.Delete(PathOf(hash, Extension));
        File.Delete(PathOf(hash, PeersExtension));
    }

    private string PathOf(InfoHash hash, string extension)
    {
        return Path.Combine(_folder, hash + extension);
    }

    private async Task ReplaceAsync(
        string path,
        ReadOnlyMemory<byte> bytes,
        bool durable,
        CancellationToken cancellationToken,
        bool flushFolder = true
    )
    {
        var temporary = $"{path}.{Interlocked.Increment(ref _lastTemporary)}{TemporaryExtension}";
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await RandomAccess.WriteAsync(file, bytes, 0, cancellationToken);
                if (durable)
                {
                    RandomAccess.FlushToDisk(file);
                }
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        if (durable && flushFolder)
        {
            DurableFile.FlushFolder(_folder);
        }
    }
}
