using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>A magnet link (BEP 9, BEP 53). Lists are compared by reference.</summary>
public sealed record MagnetLink
{
    /// <summary>Which torrent.</summary>
    public required InfoHash InfoHash { get; init; }

    /// <summary><c>dn</c>: a name to show until the metadata is known, made safe as file names are; null if none is given.</summary>
    public string? Name { get; init; }

    /// <summary><c>tr</c>, <c>tr.1</c> ...: trackers, each a tier of its own.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Trackers { get; init; } = [];

    /// <summary><c>xl</c>: bytes of the torrent, a claim.</summary>
    public long? ExactLength { get; init; }

    /// <summary><c>x.pe</c>: peers, where an address is given.</summary>
    public IReadOnlyList<PeerEndPoint> Peers { get; init; } = [];

    /// <summary><c>x.pe</c>: <c>host:port</c>, where a name is given.</summary>
    public IReadOnlyList<string> PeerHosts { get; init; } = [];

    /// <summary><c>ws</c>: web seeds, http and https only (BEP 19).</summary>
    public IReadOnlyList<string> WebSeeds { get; init; } = [];

    /// <summary><c>xs</c>: where a <c>.torrent</c> may be found. An address that is not trusted.</summary>
    public IReadOnlyList<string> ExactSources { get; init; } = [];

    /// <summary><c>so</c>: the files that are meant (BEP 53); empty: all.</summary>
    public IReadOnlyList<FileRange> SelectOnly { get; init; } = [];

    /// <summary>Reads a magnet link, or a bare info hash in hexadecimal or base32.</summary>
    /// <exception cref="ProtocolException">It says what is wrong, in a message for users.</exception>
    public static MagnetLink Parse(string text)
    {
        return MagnetLinkReader.Read(text);
    }

    /// <summary>A link or bare info hash as users paste it, without white space, marks without width, quotes and character references of web
    /// pages. It need not be a link.</summary>
    public static string Clean(string text)
    {
        return MagnetLinkReader.Clean(text);
    }

    /// <inheritdoc cref="Parse"/>
    /// <returns>False: <paramref name="error"/> says what is wrong, in a message for users.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out MagnetLink? magnet, [NotNullWhen(false)] out string? error)
    {
        try
        {
            magnet = MagnetLinkReader.Read(text ?? "");
            error = null;
            return true;
        }
        catch (ProtocolException refusal)
        {
            magnet = null;
            error = refusal.Message;
            return false;
        }
    }

    /// <summary>The link in its canonical form. It holds the trackers' passkeys: not for logs.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("magnet:?xt=urn:btih:").Append(InfoHash);
        Append(text, "dn", Name);
        Append(text, "xl", ExactLength?.ToString(CultureInfo.InvariantCulture));
        foreach (var tier in Trackers)
        {
            AppendAll(text, "tr", tier);
        }

        AppendAll(text, "ws", WebSeeds);
        AppendAll(text, "xs", ExactSources);
        foreach (var peer in Peers)
        {
            text.Append("&x.pe=").Append(peer);
        }

        AppendAll(text, "x.pe", PeerHosts);
        if (SelectOnly.Count > 0)
        {
            text.Append("&so=")
                .AppendJoin(
                    ',',
                    SelectOnly.Select(static range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}")
                );
        }

        return text.ToString();
    }

    private static void AppendAll(StringBuilder text, string key, IEnumerable<string> values)
    {
        foreach (var value in values)
        {
            Append(text, key, value);
        }
    }

    private static void Append(StringBuilder text, string key, string? value)
    {
        if (value is not null)
        {
            text.Append('&').Append(key).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
