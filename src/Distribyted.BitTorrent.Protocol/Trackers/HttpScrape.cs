using System.Diagnostics.CodeAnalysis;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Trackers;

/// <summary>Scrapes over HTTP: the address to ask, and the answer (BEP 48).</summary>
public static class HttpScrape
{
    private const string Announce = "announce";

    /// <summary>The address that is asked for the counts of one torrent: the announce address with <c>scrape</c> in the place of <c>announce</c>, its
    /// query (a passkey, often) kept.</summary>
    /// <returns>False: the last part of the path does not begin with <c>announce</c>, so that the tracker cannot be scraped (BEP 48).</returns>
    public static bool TryBuildUri(Uri tracker, InfoHash infoHash, [NotNullWhen(true)] out Uri? uri)
    {
        uri = null;
        var path = tracker.AbsolutePath;
        var last = path.LastIndexOf('/') + 1;
        if (!path.AsSpan(last).StartsWith(Announce, StringComparison.Ordinal))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[InfoHash.Length];
        infoHash.CopyTo(hash);
        var place = tracker.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);
        var own = tracker.Query.Length > 1 ? tracker.Query + "&" : "?";
        uri = new Uri($"{place}{path[..last]}scrape{path[(last + Announce.Length)..]}{own}info_hash={HttpAnnounce.Escape(hash)}");
        return true;
    }

    /// <summary>Reads the body of an answer.</summary>
    /// <param name="body">Its length is checked by the caller.</param>
    /// <param name="infoHash">Which torrent was asked for.</param>
    /// <returns>Null: the tracker says nothing about this torrent.</returns>
    /// <exception cref="ProtocolException">Not a bencoded dictionary.</exception>
    public static ScrapeCounts? Parse(ReadOnlySpan<byte> body, InfoHash infoHash)
    {
        Span<byte> hash = stackalloc byte[InfoHash.Length];
        infoHash.CopyTo(hash);
        ScrapeCounts? counts = null;
        var reader = BencodeReader.Lenient(body);
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (!key.SequenceEqual("files"u8) || reader.Peek() != BencodeKind.Dictionary)
            {
                reader.Skip();
                continue;
            }

            reader.ReadDictionaryStart();
            while (reader.TryReadKey(out var file))
            {
                if (file.SequenceEqual(hash) && reader.Peek() == BencodeKind.Dictionary)
                {
                    counts = ReadCounts(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return counts;
    }

    private static ScrapeCounts? ReadCounts(ref BencodeReader reader)
    {
        long? seeders = null;
        long? leechers = null;
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("complete"u8))
            {
                seeders = reader.TryReadInteger(out var count) ? count : null;
            }
            else if (key.SequenceEqual("incomplete"u8))
            {
                leechers = reader.TryReadInteger(out var count) ? count : null;
            }
            else
            {
                reader.Skip();
            }
        }

        return seeders is >= 0 and <= int.MaxValue && leechers is >= 0 and <= int.MaxValue
            ? new ScrapeCounts((int)seeders, (int)leechers)
            : null;
    }
}
