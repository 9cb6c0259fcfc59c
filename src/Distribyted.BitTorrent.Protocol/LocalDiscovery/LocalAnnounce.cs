using System.Globalization;
using System.Text;

namespace Distribyted.BitTorrent.Protocol.LocalDiscovery;

/// <summary>What a peer tells its local network: which torrents it has, and where it listens (BEP 14).</summary>
/// <param name="Port">Where peers can be reached, 1 to 65535.</param>
/// <param name="InfoHashes">At least one, and at most <see cref="MaxInfoHashes"/> when it is written.</param>
/// <param name="Cookie">By which the sender knows its own announces; empty: none.</param>
public sealed record LocalAnnounce(int Port, IReadOnlyList<InfoHash> InfoHashes, string Cookie)
{
    /// <summary>Longest datagram that is sent (BEP 14), and read.</summary>
    public const int MaxLength = 1400;

    /// <summary>Torrents that fit in a datagram beside everything else.</summary>
    public const int MaxInfoHashes = 24;

    private const int MaxCookie = 64;
    private const string Method = "BT-SEARCH ";

    /// <summary>Reads a datagram. Header names in any case, line ends with or without CR; headers and info hashes that are not understood are left out.</summary>
    /// <exception cref="ProtocolException">It is something else, too long, or names no port or no torrent.</exception>
    public static LocalAnnounce Read(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > MaxLength)
        {
            throw new ProtocolException(ProtocolError.TooLarge, "Local announce: longer than 1400 bytes.");
        }

        var lines = Encoding.Latin1.GetString(datagram).Split('\n');
        if (!lines[0].StartsWith(Method, StringComparison.Ordinal))
        {
            throw new ProtocolException(ProtocolError.Malformed, "Local announce: no BT-SEARCH.");
        }

        var port = 0;
        var cookie = "";
        List<InfoHash> hashes = [];
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = line[(colon + 1)..].Trim();
            switch (colon < 0 ? "" : line[..colon].Trim().ToLowerInvariant())
            {
                case "port" when ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                    port = number;
                    break;
                case "infohash" when InfoHash.TryParse(value, out var hash):
                    hashes.Add(hash);
                    break;
                case "cookie" when value.Length <= MaxCookie:
                    cookie = value;
                    break;
            }
        }

        if (port == 0 || hashes.Count == 0)
        {
            throw new ProtocolException(ProtocolError.Missing, "Local announce: no port or no info hash.");
        }

        return new LocalAnnounce(port, hashes, cookie);
    }

    /// <summary>Writes a datagram of at most <see cref="MaxLength"/> bytes.</summary>
    /// <param name="group">The multicast group and its port, as it stands in a URL.</param>
    /// <exception cref="InvalidOperationException">More torrents than fit, or a cookie that is too long.</exception>
    public byte[] Write(string group)
    {
        if (InfoHashes.Count > MaxInfoHashes || Cookie.Length > MaxCookie)
        {
            throw new InvalidOperationException("A datagram holds 24 torrents and a cookie of 64 characters.");
        }

        var text = new StringBuilder(MaxLength);
        text.Append(CultureInfo.InvariantCulture, $"{Method}* HTTP/1.1\r\nHost: {group}\r\nPort: {Port}\r\n");
        foreach (var hash in InfoHashes)
        {
            text.Append(CultureInfo.InvariantCulture, $"Infohash: {hash}\r\n");
        }

        if (Cookie.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"cookie: {Cookie}\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append("\r\n\r\n").ToString());
    }
}
