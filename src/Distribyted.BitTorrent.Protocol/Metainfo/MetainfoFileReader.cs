using System.Text;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Metainfo;

/// <summary>Reads <c>.torrent</c> files (BEP 3, 12, 19), as found in the wild.</summary>
internal static class MetainfoFileReader
{
    /// <summary>Most trackers that are kept; more are ignored.</summary>
    public const int MaxTrackers = 500;

    /// <summary>Most web seeds that are kept; more are ignored.</summary>
    public const int MaxWebSeeds = 200;

    /// <summary>Most DHT nodes that are kept; more are ignored.</summary>
    public const int MaxNodes = 50;

    private const int MaxHostLength = 255;
    private const int MaxUrlLength = 4096;
    private const long FirstDayOf2100 = 4_102_444_800;

    public static MetainfoFile Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MetainfoFile.MaxLength)
        {
            throw new ProtocolException(
                ProtocolError.TooLarge,
                $"A torrent of {bytes.Length} bytes; at most {MetainfoFile.MaxLength} are accepted."
            );
        }

        ReadOnlyMemory<byte>? info = null;
        ReadOnlySpan<byte> announce = default;
        ReadOnlySpan<byte> encoding = default;
        ReadOnlySpan<byte> comment = default;
        ReadOnlySpan<byte> commentUtf8 = default;
        var tiers = new List<IReadOnlyList<string>>();
        var webSeeds = new List<string>();
        var nodes = new List<(string Host, int Port)>();
        DateTimeOffset? created = null;
        var reader = new BencodeReader(bytes.Span);
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("info"u8))
            {
                var start = reader.Position;
                reader.Skip();
                info = bytes[start..reader.Position];
            }
            else if (key.SequenceEqual("announce"u8))
            {
                reader.TryReadString(out announce);
            }
            else if (key.SequenceEqual("announce-list"u8))
            {
                ReadTiers(ref reader, tiers);
            }
            else if (key.SequenceEqual("url-list"u8))
            {
                ReadUrls(ref reader, webSeeds, MaxWebSeeds);
                webSeeds.RemoveAll(static url => !IsHttp(url));
            }
            else if (key.SequenceEqual("nodes"u8))
            {
                ReadNodes(ref reader, nodes);
            }
            else if (key.SequenceEqual("creation date"u8))
            {
                var known = reader.TryReadInteger(out var seconds) && seconds is > 0 and < FirstDayOf2100;
                created = known ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
            }
            else if (key.SequenceEqual("encoding"u8))
            {
                reader.TryReadString(out encoding);
            }
            else if (key.SequenceEqual("comment"u8))
            {
                reader.TryReadString(out comment);
            }
            else if (key.SequenceEqual("comment.utf-8"u8))
            {
                reader.TryReadString(out commentUtf8);
            }
            else
            {
                reader.Skip();
            }
        }

        if (info is not { } infoBytes)
        {
            throw new ProtocolException(ProtocolError.Missing, "Not a torrent: it has no info dictionary.");
        }

        if (tiers.Count == 0 && TryReadUrl(announce, out var tracker))
        {
            tiers.Add([tracker]);
        }

        var declared = Encoding.Latin1.GetString(encoding[..Math.Min(encoding.Length, 64)]);
        var text = commentUtf8.Length > 0 ? commentUtf8 : comment;
        return new MetainfoFile(
            TorrentInfoReader.Read(infoBytes, declared),
            tiers,
            webSeeds,
            created,
            text.Length > 0 ? SafeName.Decode(text, SafeName.FindEncoding(declared)) : null
        )
        {
            Nodes = nodes,
        };
    }

    /// <summary>A list of lists of a host and a port (BEP 5); what is not is skipped.</summary>
    private static void ReadNodes(ref BencodeReader reader, List<(string Host, int Port)> nodes)
    {
        if (reader.Peek() != BencodeKind.List)
        {
            reader.Skip();
            return;
        }

        reader.ReadListStart();
        while (!reader.TryReadEnd())
        {
            if (reader.Peek() != BencodeKind.List)
            {
                reader.Skip();
                continue;
            }

            ReadOnlySpan<byte> host = default;
            long port = 0;
            reader.ReadListStart();
            for (var i = 0; !reader.TryReadEnd(); i++)
            {
                switch (i)
                {
                    case 0:
                        reader.TryReadString(out host);
                        break;
                    case 1:
                        reader.TryReadInteger(out port);
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            if (nodes.Count < MaxNodes && host.Length is > 0 and <= MaxHostLength && port is > 0 and <= ushort.MaxValue)
            {
                nodes.Add((SafeName.Decode(host, null), (int)port));
            }
        }
    }

    /// <summary>A list of lists of strings; also met: a list of strings, each then a tier of its own, and a single string.</summary>
    private static void ReadTiers(ref BencodeReader reader, List<IReadOnlyList<string>> tiers)
    {
        var left = MaxTrackers;
        if (reader.Peek() != BencodeKind.List)
        {
            AddTier(ref reader, tiers, ref left);
            return;
        }

        reader.ReadListStart();
        while (!reader.TryReadEnd())
        {
            AddTier(ref reader, tiers, ref left);
        }
    }

    private static void AddTier(ref BencodeReader reader, List<IReadOnlyList<string>> tiers, ref int left)
    {
        var tier = new List<string>();
        ReadUrls(ref reader, tier, left);
        left -= tier.Count;
        if (tier.Count > 0)
        {
            tiers.Add(tier);
        }
    }

    /// <summary>A list of strings or a single one; anything else is skipped.</summary>
    private static void ReadUrls(ref BencodeReader reader, List<string> urls, int max)
    {
        var isList = reader.Peek() == BencodeKind.List;
        if (isList)
        {
            reader.ReadListStart();
        }

        while (!isList || !reader.TryReadEnd())
        {
            if (reader.TryReadString(out var bytes) && urls.Count < max && TryReadUrl(bytes, out var url))
            {
                urls.Add(url);
            }

            if (!isList)
            {
                return;
            }
        }
    }

    private static bool TryReadUrl(ReadOnlySpan<byte> bytes, out string url)
    {
        url = bytes.Length <= MaxUrlLength ? SafeName.Decode(bytes, null).Trim() : "";
        return url.Length > 0;
    }

    private static bool IsHttp(string url)
    {
        return url.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
    }
}
