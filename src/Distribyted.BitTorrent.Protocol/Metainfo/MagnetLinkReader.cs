using System.Globalization;
using System.Net;
using System.Text;

namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>Takes magnet links apart (BEP 9, BEP 53), as users paste them.</summary>
internal static class MagnetLinkReader
{
    /// <summary>Most characters of a link.</summary>
    public const int MaxLength = 64 * 1024;

    private const int MaxListed = 500;
    private const int MaxEscapings = 3; // a page that shows the source of a page
    private const string Scheme = "magnet:?";
    private const string V1 = "urn:btih:";
    private const string V2 = "urn:btmh:";

    public static MagnetLink Read(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new ProtocolException(
                ProtocolError.TooLarge,
                $"The magnet link has {text.Length} characters; at most {MaxLength} are accepted."
            );
        }

        var clean = Clean(text);
        if (InfoHash.TryParse(clean, out var bare))
        {
            return new MagnetLink { InfoHash = bare };
        }

        if (!clean.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw new ProtocolException(
                ProtocolError.Malformed,
                "Neither a magnet link (it starts with \"magnet:?\") nor an info hash of 40 hexadecimal digits or 32 base32 characters."
            );
        }

        var parts = new Parts();
        var query = clean.AsSpan(Scheme.Length);
        foreach (var range in query.Split('&'))
        {
            var pair = query[range];
            var equals = pair.IndexOf('=');
            if (equals > 0)
            {
                Take(parts, Decode(pair[..equals], plusIsSpace: false), pair[(equals + 1)..]);
            }
        }

        return Finish(parts);
    }

    /// <summary>A link as users paste it, without what came along: white space, marks without width (a BOM, U+200B), quotes and angle brackets
    /// around it, and the character references of a web page's source (<c>&amp;amp;</c>, <c>&amp;#38;</c>).</summary>
    public static string Clean(string text)
    {
        for (var i = 0; i < MaxEscapings && IsEscaped(text); i++)
        {
            text = WebUtility.HtmlDecode(text);
        }

        return Trim(text).ToString();
    }

    private static bool IsEscaped(string text)
    {
        return text.Contains("&amp;", StringComparison.Ordinal) || text.Contains("&#", StringComparison.Ordinal);
    }

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        while (text.Length > 0 && IsAround(text[0]))
        {
            text = text[1..];
        }

        while (text.Length > 0 && IsAround(text[^1]))
        {
            text = text[..^1];
        }

        return text;
    }

    private static bool IsAround(char c)
    {
        return c is '<' or '>' or '"' || char.IsWhiteSpace(c) || char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format;
    }

    private static MagnetLink Finish(Parts parts)
    {
        if (parts.InfoHash is not { } infoHash)
        {
            throw parts.HasV2 && parts.BadHash is null
                ? new ProtocolException(
                    ProtocolError.Unsupported,
                    "The magnet link names a BitTorrent v2 torrent only (urn:btmh), which is not supported; one with urn:btih would work."
                )
                : new ProtocolException(
                    parts.BadHash is null ? ProtocolError.Missing : ProtocolError.Invalid,
                    parts.BadHash is null
                        ? "The magnet link has no info hash (xt=urn:btih:...)."
                        : "The info hash of the magnet link is neither 40 hexadecimal digits nor 32 base32 characters."
                );
        }

        return new MagnetLink
        {
            InfoHash = infoHash,
            Name = parts.Name,
            Trackers = parts.Trackers.ConvertAll(static tracker => (IReadOnlyList<string>)[tracker]),
            ExactLength = parts.ExactLength,
            Peers = parts.Peers,
            PeerHosts = parts.PeerHosts,
            WebSeeds = parts.WebSeeds,
            ExactSources = parts.ExactSources,
            SelectOnly = parts.SelectOnly,
        };
    }

    private static void Take(Parts parts, string key, ReadOnlySpan<char> raw)
    {
        var dot = key.IndexOf('.');
        var isNumbered = dot > 0 && key.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') < 0; // xt.1, tr.2 ...
        switch ((isNumbered ? key[..dot] : key).ToLowerInvariant())
        {
            case "xt":
                TakeTopic(parts, Decode(raw, plusIsSpace: false));
                break;
            case "dn":
                var name = Decode(raw, plusIsSpace: true);
                parts.Name ??= name.Length > 0 ? SafeName.Make(name) : null;
                break;
            case "tr":
                Add(parts.Trackers, Decode(raw, plusIsSpace: false));
                break;
            case "xl":
                var isLength = long.TryParse(raw, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length > 0;
                parts.ExactLength = isLength ? length : parts.ExactLength;
                break;
            case "x.pe":
                TakePeer(parts, Trim(Decode(raw, plusIsSpace: false)).ToString());
                break;
            case "ws":
                var url = Decode(raw, plusIsSpace: false);
                var isHttp = Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https");
                Add(parts.WebSeeds, isHttp ? url : "");
                break;
            case "xs":
                Add(parts.ExactSources, Decode(raw, plusIsSpace: false));
                break;
            case "so":
                TakeSelection(parts, Decode(raw, plusIsSpace: false));
                break;
            default:
                break;
        }
    }

    private static void TakeTopic(Parts parts, string topic)
    {
        if (topic.StartsWith(V1, StringComparison.OrdinalIgnoreCase))
        {
            if (InfoHash.TryParse(Trim(topic.AsSpan(V1.Length)).ToString(), out var hash))
            {
                parts.InfoHash ??= hash;
            }
            else
            {
                parts.BadHash = topic;
            }
        }

        parts.HasV2 |= topic.StartsWith(V2, StringComparison.OrdinalIgnoreCase);
    }

    private static void TakePeer(Parts parts, string text)
    {
        var colon = text.LastIndexOf(':');
        if (
            colon <= 0
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port == 0
        )
        {
            return;
        }

        var host = text[..colon];
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address))
        {
            if (parts.Peers.Count < MaxListed)
            {
                parts.Peers.Add(new PeerEndPoint(address, port));
            }
        }
        else if (Uri.CheckHostName(host) == UriHostNameType.Dns)
        {
            Add(parts.PeerHosts, text);
        }
    }

    private static void TakeSelection(Parts parts, string text)
    {
        foreach (var range in text.AsSpan().Split(','))
        {
            var part = text.AsSpan(range).Trim();
            var dash = part.IndexOf('-');
            var first = dash < 0 ? part : part[..dash];
            var last = dash < 0 ? part : part[(dash + 1)..];
            if (
                int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
                && int.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to)
                && from <= to
                && parts.SelectOnly.Count < MaxListed
            )
            {
                parts.SelectOnly.Add(new FileRange(from, to));
            }
        }
    }

    private static void Add(List<string> list, string value)
    {
        var trimmed = Trim(value).ToString();
        if (trimmed.Length > 0 && list.Count < MaxListed && !list.Contains(trimmed, StringComparer.Ordinal))
        {
            list.Add(trimmed);
        }
    }

    /// <summary>Percent-decoding to bytes, then to text; what is not an escape stays as it is.</summary>
    private static string Decode(ReadOnlySpan<char> text, bool plusIsSpace)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes[count++] = byte.Parse(text.Slice(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                i += 2;
            }
            else if (text[i] == '+' && plusIsSpace)
            {
                bytes[count++] = (byte)' ';
            }
            else
            {
                var length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 2 : 1;
                count += Encoding.UTF8.GetBytes(text.Slice(i, length), bytes.AsSpan(count));
                i += length - 1;
            }
        }

        return SafeName.Decode(bytes.AsSpan(0, count), null);
    }

    private sealed class Parts
    {
        public InfoHash? InfoHash { get; set; }

        public bool HasV2 { get; set; }

        public string? BadHash { get; set; }

        public string? Name { get; set; }

        public long? ExactLength { get; set; }

        public List<string> Trackers { get; } = [];

        public List<PeerEndPoint> Peers { get; } = [];

        public List<string> PeerHosts { get; } = [];

        public List<string> WebSeeds { get; } = [];

        public List<string> ExactSources { get; } = [];

        public List<FileRange> SelectOnly { get; } = [];
    }
}
