using System.Globalization;
using System.Net;
using System.Text;
using Distribyted.BitTorrent.Protocol.Bencoding;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Protocol.Trackers;

/// <summary>Announces over HTTP: the address to ask, and the answer (BEP 3, 7, 23, 24, 31).</summary>
public static class HttpAnnounce
{
    private const int MaxWords = 500;
    private const int IPv4Length = 6;
    private const int IPv6Length = 18;
    private const UriComponents PlaceOnly = UriComponents.SchemeAndServer | UriComponents.Path;

    /// <summary>The tracker's own address, its query (a passkey, often) kept, with the request behind it; without user name and password,
    /// which belong into a header.</summary>
    public static Uri BuildUri(Uri tracker, AnnounceRequest request)
    {
        Span<byte> infoHash = stackalloc byte[InfoHash.Length];
        request.InfoHash.CopyTo(infoHash);
        Span<byte> peerId = stackalloc byte[PeerId.Length];
        request.PeerId.CopyTo(peerId);
        var own = tracker.Query.Length > 1 ? tracker.Query : "";
        var text = new StringBuilder(tracker.GetComponents(PlaceOnly, UriFormat.UriEscaped), 512)
            .Append(own)
            .Append(own.Length > 0 ? '&' : '?');
        Escape(text.Append("info_hash="), infoHash);
        Escape(text.Append("&peer_id="), peerId);
        text.Append(CultureInfo.InvariantCulture, $"&port={request.Port}&uploaded={request.Uploaded}&downloaded={request.Downloaded}");
        text.Append(CultureInfo.InvariantCulture, $"&left={request.Left}&compact=1&no_peer_id=1&key={request.Key:x8}");
        if (request.NumWant >= 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"&numwant={request.NumWant}");
        }

        if (request.Event != AnnounceEvent.None)
        {
            text.Append("&event=").Append(Word(request.Event));
        }

        if (request.TakesEncryption)
        {
            text.Append(request.NeedsEncryption ? "&supportcrypto=1&requirecrypto=1" : "&supportcrypto=1");
        }

        if (request.TrackerId is not null)
        {
            Escape(text.Append("&trackerid="), Encoding.UTF8.GetBytes(request.TrackerId));
        }

        return new Uri(text.ToString());
    }

    /// <summary>Reads the body of an answer. Odd optional fields, keys that come twice and bytes after the end are ignored; an answer that
    /// breaks off, or goes on with nonsense, is good for the peers before that.</summary>
    /// <param name="body">Its length is checked by the caller: 2 MiB are plenty.</param>
    /// <exception cref="ProtocolException">Not a bencoded dictionary, or a broken one without peers and without a reason.</exception>
    public static AnnounceResponse Parse(ReadOnlySpan<byte> body)
    {
        var response = new AnnounceResponse();
        var peers = new List<PeerEndPoint>();
        var reader = BencodeReader.Lenient(body);
        try
        {
            reader.ReadDictionaryStart();
            while (reader.TryReadKey(out var key))
            {
                response = ReadField(ref reader, key, response, peers);
            }
        }
        catch (ProtocolException) when (peers.Count > 0 || response.Failure is not null)
        {
            // What is there is worth more than what is missing.
        }

        return response with
        {
            Peers = peers,
        };
    }

    /// <summary>Whether the body of an answer is here to its last byte.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> body)
    {
        try
        {
            BencodeReader.Lenient(body).Skip();
            return true;
        }
        catch (ProtocolException)
        {
            return false;
        }
    }

    /// <summary>Every byte that RFC 3986 does not call unreserved, as an escape.</summary>
    internal static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length * 3);
        Escape(text, bytes);
        return text.ToString();
    }

    private static AnnounceResponse ReadField(
        ref BencodeReader reader,
        ReadOnlySpan<byte> key,
        AnnounceResponse response,
        List<PeerEndPoint> peers
    )
    {
        switch (key)
        {
            case var _ when key.SequenceEqual("peers"u8):
                ReadPeers(ref reader, peers, IPv4Length);
                return response;
            case var _ when key.SequenceEqual("peers6"u8):
                ReadPeers(ref reader, peers, IPv6Length);
                return response;
            case var _ when key.SequenceEqual("interval"u8):
                return response with { Interval = ReadSeconds(ref reader) };
            case var _ when key.SequenceEqual("min interval"u8):
                return response with { MinInterval = ReadSeconds(ref reader) };
            case var _ when key.SequenceEqual("complete"u8):
                return response with { Seeders = ReadCount(ref reader) };
            case var _ when key.SequenceEqual("incomplete"u8):
                return response with { Leechers = ReadCount(ref reader) };
            case var _ when key.SequenceEqual("failure reason"u8):
                return response with { Failure = ReadWords(ref reader) ?? "refused without a reason" };
            case var _ when key.SequenceEqual("warning message"u8):
                return response with { Warning = ReadWords(ref reader) };
            case var _ when key.SequenceEqual("tracker id"u8):
                return response with { TrackerId = ReadWords(ref reader) };
            case var _ when key.SequenceEqual("retry in"u8):
                return response with { RetryIn = ReadRetry(ref reader) };
            case var _ when key.SequenceEqual("external ip"u8):
                var known = reader.TryReadString(out var ip) && ip.Length is 4 or 16;
                return response with { ExternalAddress = known ? new IPAddress(ip) : null };
            default:
                reader.Skip();
                return response;
        }
    }

    /// <summary>Compact (BEP 23, BEP 7), or a list of dictionaries (BEP 3).</summary>
    private static void ReadPeers(ref BencodeReader reader, List<PeerEndPoint> peers, int length)
    {
        if (reader.Peek() == BencodeKind.String)
        {
            var compact = reader.ReadString();
            for (; compact.Length >= length && peers.Count < AnnounceResponse.MaxPeers; compact = compact[length..])
            {
                Add(peers, PeerEndPoint.ReadCompact(compact[..length]));
            }
        }
        else if (reader.Peek() == BencodeKind.List)
        {
            reader.ReadListStart();
            while (!reader.TryReadEnd())
            {
                ReadPeer(ref reader, peers);
            }
        }
        else
        {
            reader.Skip();
        }
    }

    private static void ReadPeer(ref BencodeReader reader, List<PeerEndPoint> peers)
    {
        if (reader.Peek() != BencodeKind.Dictionary)
        {
            reader.Skip();
            return;
        }

        ReadOnlySpan<byte> ip = default;
        long port = 0;
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("ip"u8))
            {
                reader.TryReadString(out ip);
            }
            else if (key.SequenceEqual("port"u8))
            {
                reader.TryReadInteger(out port);
            }
            else
            {
                reader.Skip();
            }
        }

        // A host name is allowed there (BEP 3), but names that unknown peers choose are not resolved.
        if (port is > 0 and <= 65535 && ip.Length is > 0 and <= 64 && IPAddress.TryParse(Encoding.Latin1.GetString(ip), out var address))
        {
            Add(peers, new PeerEndPoint(address, (int)port));
        }
    }

    private static void Add(List<PeerEndPoint> peers, PeerEndPoint peer)
    {
        if (peer.Port != 0 && peers.Count < AnnounceResponse.MaxPeers)
        {
            peers.Add(peer);
        }
    }

    private static TimeSpan? ReadSeconds(ref BencodeReader reader)
    {
        return reader.TryReadInteger(out var seconds) && seconds > 0 ? Interval(seconds, TimeSpan.TicksPerSecond) : null;
    }

    /// <summary>Minutes, or the word "never" (BEP 31).</summary>
    private static TimeSpan? ReadRetry(ref BencodeReader reader)
    {
        if (reader.Peek() == BencodeKind.String)
        {
            return reader.ReadString().SequenceEqual("never"u8) ? TimeSpan.MaxValue : null;
        }

        return reader.TryReadInteger(out var minutes) && minutes > 0 ? Interval(minutes, TimeSpan.TicksPerMinute) : null;
    }

    private static TimeSpan Interval(long count, long ticks)
    {
        return count < AnnounceResponse.MaxInterval.Ticks / ticks ? TimeSpan.FromTicks(count * ticks) : AnnounceResponse.MaxInterval;
    }

    private static int? ReadCount(ref BencodeReader reader)
    {
        return reader.TryReadInteger(out var count) && count is >= 0 and <= int.MaxValue ? (int)count : null;
    }

    private static string? ReadWords(ref BencodeReader reader)
    {
        return reader.TryReadString(out var text) && text.Length > 0
            ? SafeName.Decode(text[..Math.Min(text.Length, MaxWords)], null)
            : null;
    }

    private static string Word(AnnounceEvent happened)
    {
        return happened switch
        {
            AnnounceEvent.Completed => "completed",
            AnnounceEvent.Started => "started",
            _ => "stopped",
        };
    }

    private static void Escape(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }
    }
}
