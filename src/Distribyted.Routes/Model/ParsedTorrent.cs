using System.Diagnostics.CodeAnalysis;
using System.Text;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Torrents;

namespace Distribyted.Routes.Model;

/// <summary>A torrent read from a magnet link or a <c>.torrent</c>, to be added.</summary>
/// <param name="InfoHash">Which torrent.</param>
/// <param name="Title">What to call it before the metadata is here, or null.</param>
/// <param name="Magnet">The link to remember, or null when a file brought it.</param>
/// <param name="Source">What the engine is told.</param>
internal sealed record ParsedTorrent(InfoHash InfoHash, string? Title, string? Magnet, TorrentSource Source)
{
    /// <summary>Longest magnet link, characters: some carry a hundred trackers.</summary>
    internal const int MaxMagnetLength = 64 * 1024;

    /// <summary>Reads a magnet link, or a bare info hash, which becomes a link without trackers.</summary>
    internal static bool TryReadMagnet(string text, [NotNullWhen(true)] out ParsedTorrent? parsed, [NotNullWhen(false)] out string? error)
    {
        parsed = null;
        if (text.Length > MaxMagnetLength)
        {
            error = $"The magnet link has more than {MaxMagnetLength} characters.";
            return false;
        }

        var link = MagnetLink.Clean(text);
        if (InfoHash.TryParse(link, out var bare))
        {
            link = "magnet:?xt=urn:btih:" + bare;
        }

        if (!MagnetLink.TryParse(link, out var magnet, out error))
        {
            return false;
        }

        var source = new TorrentSource(magnet.InfoHash, magnet.Name, magnet.Trackers, magnet.Peers)
        {
            PeerHosts = magnet.PeerHosts,
            WebSeeds = magnet.WebSeeds,
            ExactSources = magnet.ExactSources,
        };
        parsed = new ParsedTorrent(magnet.InfoHash, magnet.Name, link, source);
        error = null;
        return true;
    }

    /// <summary>Reads the bytes of a <c>.torrent</c>.</summary>
    internal static bool TryReadFile(
        ReadOnlyMemory<byte> bytes,
        [NotNullWhen(true)] out ParsedTorrent? parsed,
        [NotNullWhen(false)] out string? error
    )
    {
        try
        {
            var file = MetainfoFile.Read(bytes);
            parsed = new ParsedTorrent(
                file.Info.InfoHash,
                file.Info.Name,
                null,
                new TorrentSource(file.Info.InfoHash, file.Info.Name, file.Trackers, [], file)
            );
            error = null;
            return true;
        }
        catch (ProtocolException e)
        {
            parsed = null;
            error = "This is not a usable .torrent file: " + e.Message;
            return false;
        }
    }

    internal static bool TryRead(Addition what, [NotNullWhen(true)] out ParsedTorrent? parsed, [NotNullWhen(false)] out string? error)
    {
        return what.Magnet is { } magnet
            ? TryReadMagnet(magnet, out parsed, out error)
            : TryReadFile(what.TorrentFile, out parsed, out error);
    }

    /// <summary>All magnet links and bare info hashes of a text file, one a line: alone in a <c>.magnet</c>, after <c>URL=</c> in a <c>.url</c>.</summary>
    internal static IReadOnlyList<string> FindMagnets(ReadOnlySpan<byte> text)
    {
        var found = new List<string>();
        var content = Decode(text);
        foreach (var range in content.AsSpan().SplitAny('\r', '\n'))
        {
            var line = MagnetLink.Clean(content[range]);
            var start = line.IndexOf("magnet:?", StringComparison.OrdinalIgnoreCase);
            if (start >= 0)
            {
                var link = line[start..];
                var end = link.AsSpan().IndexOfAny(' ', '"', '\t');
                found.Add(end < 0 ? link : link[..end]);
            }
            else if (line.Length is 40 or 32 && InfoHash.TryParse(line, out _))
            {
                found.Add(line);
            }
        }

        return found;
    }

    private static string Decode(ReadOnlySpan<byte> text)
    {
        return text switch
        {
            [0xFF, 0xFE, .. var little] => Encoding.Unicode.GetString(little),
            [0xFE, 0xFF, .. var big] => Encoding.BigEndianUnicode.GetString(big),
            [0xEF, 0xBB, 0xBF, .. var utf8] => Encoding.UTF8.GetString(utf8),
            [not 0, 0, ..] => Encoding.Unicode.GetString(text), // UTF-16 without a mark: a link begins with ASCII
            [0, not 0, ..] => Encoding.BigEndianUnicode.GetString(text),
            _ => Encoding.UTF8.GetString(text),
        };
    }
}
