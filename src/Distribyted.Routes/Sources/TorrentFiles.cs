using Distribyted.BitTorrent.Protocol;
using Distribyted.Routes.Model;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sources;

/// <summary>Reads <c>.torrent</c> and <c>.magnet</c> files of the owner, each once while its size and time stay. Not thread-safe.</summary>
internal sealed class TorrentFiles(ILogger logger)
{
    /// <summary>Largest file that is read, bytes: two million pieces and as many names fit.</summary>
    private const long MaxFile = 128L << 20;

    private const long Unread = -1; // its length when it could not be read

    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>Whether a file could not be read as what its name says: half written, perhaps. It should be looked at again.</summary>
    internal bool HasDoubtful => _known.Values.Any(k => k.IsDoubtful);

    /// <summary>Whether a file is there of which nothing is known: it could not be read yet.</summary>
    internal bool HasUnread => _known.Values.Any(k => k is { Length: Unread, Links.Count: 0 });

    /// <summary>What the file names; while it is not there, not readable or not (yet) well formed what it named before.</summary>
    internal IReadOnlyList<Link> Read(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                return Before(path); // files that are gone for good are dropped with KeepOnly
            }

            var file = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);

            if (_known.TryGetValue(path, out var known) && known.Length == file.Length && known.Modified == file.LastWriteTimeUtc)
            {
                return known.Links;
            }

            var links = Parse(path, file.Length);
            return Keep(path, new Known(file.Length, file.LastWriteTimeUtc, links ?? Before(path), IsDoubtful: links is null));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_known.GetValueOrDefault(path)?.Length != Unread)
            {
                logger.SourceFileUnusable(path, e.Message); // once: it is tried again every 30 s, perhaps for ever
            }

            return Keep(path, new Known(Unread, default, Before(path), IsDoubtful: true));
        }
    }

    /// <summary>Drops files that are no longer asked for.</summary>
    internal void KeepOnly(IReadOnlySet<string> paths)
    {
        foreach (var gone in _known.Keys.Where(p => !paths.Contains(p)).ToList())
        {
            _known.Remove(gone);
        }
    }

    private IReadOnlyList<Link> Before(string path)
    {
        return _known.GetValueOrDefault(path)?.Links ?? [];
    }

    private IReadOnlyList<Link> Keep(string path, Known known)
    {
        _known[path] = known;
        return known.Links;
    }

    private List<Link>? Parse(string path, long length)
    {
        if (length > MaxFile)
        {
            logger.SourceFileUnusable(path, $"it has more than {MaxFile} bytes.");
            return [];
        }

        var bytes = File.ReadAllBytes(path);
        string? error;
        if (!path.EndsWith(".magnet", StringComparison.OrdinalIgnoreCase))
        {
            if (ParsedTorrent.TryReadFile(bytes, out var torrent, out error))
            {
                return [new Link(torrent.InfoHash, null, TrackerKey.Of(torrent.Source.Trackers))];
            }

            logger.SourceFileUnusable(path, error);
            return null;
        }

        var links = new List<Link>();
        error = "there is no magnet link in it.";
        foreach (var magnet in ParsedTorrent.FindMagnets(bytes))
        {
            if (ParsedTorrent.TryReadMagnet(magnet, out var torrent, out var reason))
            {
                links.Add(new Link(torrent.InfoHash, torrent.Magnet, null));
            }
            else
            {
                error = reason;
            }
        }

        if (links.Count > 0)
        {
            return links;
        }

        logger.SourceFileUnusable(path, error);
        return null;
    }

    /// <summary>A torrent that a file names; without a magnet the file itself is the torrent.</summary>
    internal readonly record struct Link(InfoHash InfoHash, string? Magnet, string? Trackers);

    private sealed record Known(long Length, DateTime Modified, IReadOnlyList<Link> Links, bool IsDoubtful);
}
