using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Protocol.Trackers;

/// <summary>The packets of a UDP tracker (BEP 15), with the path of its address in the request (BEP 41).</summary>
public static class UdpTrackerPacket
{
    /// <summary>Bytes of a connect request, and of its answer.</summary>
    public const int ConnectLength = 16;

    /// <summary>Bytes of an announce before the options of BEP 41.</summary>
    public const int AnnounceLength = 98;

    /// <summary>Bytes of a scrape for one torrent.</summary>
    public const int ScrapeLength = 36;

    /// <summary>Bytes at the start of every answer: what it is, and to which question.</summary>
    public const int HeaderLength = 8;

    private const ulong ConnectMagic = 0x41727101980;
    private const int ConnectAction = 0;
    private const int AnnounceAction = 1;
    private const int ScrapeAction = 2;
    private const int ErrorAction = 3;
    private const int ScrapeAnswerLength = HeaderLength + 12;
    private const int AnnounceHeaderLength = 20;
    private const byte UrlDataOption = 2; // BEP 41
    private const int MaxOptionLength = 255;
    private const int MaxUrlData = 2048;
    private const int MaxWords = 500;

    /// <summary>Asks for a connection id.</summary>
    public static int WriteConnect(Span<byte> destination, uint transaction)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, ConnectMagic);
        BinaryPrimitives.WriteInt32BigEndian(destination[8..], ConnectAction);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], transaction);
        return ConnectLength;
    }

    /// <summary>Which question a datagram answers.</summary>
    /// <returns>False: too short to be an answer.</returns>
    public static bool TryReadTransaction(ReadOnlySpan<byte> datagram, out uint transaction)
    {
        return BinaryPrimitives.TryReadUInt32BigEndian(datagram.Length < 4 ? default : datagram[4..], out transaction);
    }

    /// <summary>Whether a datagram is the answer to a connect, or a refusal.</summary>
    public static bool IsConnectAnswer(ReadOnlySpan<byte> datagram)
    {
        return IsAnswer(datagram, ConnectAction, ConnectLength);
    }

    /// <summary>Whether a datagram is the answer to an announce, or a refusal.</summary>
    public static bool IsAnnounceAnswer(ReadOnlySpan<byte> datagram)
    {
        return IsAnswer(datagram, AnnounceAction, AnnounceHeaderLength);
    }

    /// <summary>Whether a datagram is the answer to a scrape, or a refusal.</summary>
    public static bool IsScrapeAnswer(ReadOnlySpan<byte> datagram)
    {
        return IsAnswer(datagram, ScrapeAction, ScrapeAnswerLength);
    }

    /// <summary>Reads the connection id out of the answer to a connect.</summary>
    /// <exception cref="ProtocolException">No such answer, or the tracker's refusal in its own words.</exception>
    public static ulong ReadConnect(ReadOnlySpan<byte> datagram)
    {
        if (ReadAction(datagram) == ErrorAction)
        {
            throw new ProtocolException(ProtocolError.Invalid, $"The tracker refuses to connect: {ReadError(datagram)}");
        }

        if (ReadAction(datagram) != ConnectAction || datagram.Length < ConnectLength)
        {
            throw new ProtocolException(ProtocolError.Malformed, "Not the answer to a connect.");
        }

        return BinaryPrimitives.ReadUInt64BigEndian(datagram[8..]);
    }

    /// <summary>Writes an announce.</summary>
    /// <param name="urlData">Path and query of the tracker's address, for trackers that keep a passkey there (BEP 41); empty: none.</param>
    public static void WriteAnnounce(
        IBufferWriter<byte> output,
        ulong connection,
        uint transaction,
        AnnounceRequest request,
        string urlData
    )
    {
        var packet = output.GetSpan(AnnounceLength);
        BinaryPrimitives.WriteUInt64BigEndian(packet, connection);
        BinaryPrimitives.WriteInt32BigEndian(packet[8..], AnnounceAction);
        BinaryPrimitives.WriteUInt32BigEndian(packet[12..], transaction);
        request.InfoHash.CopyTo(packet[16..]);
        request.PeerId.CopyTo(packet[36..]);
        BinaryPrimitives.WriteInt64BigEndian(packet[56..], request.Downloaded);
        BinaryPrimitives.WriteInt64BigEndian(packet[64..], request.Left);
        BinaryPrimitives.WriteInt64BigEndian(packet[72..], request.Uploaded);
        BinaryPrimitives.WriteInt32BigEndian(packet[80..], (int)request.Event);
        BinaryPrimitives.WriteInt32BigEndian(packet[84..], 0); // our address: the one that the packet comes from
        BinaryPrimitives.WriteUInt32BigEndian(packet[88..], request.Key);
        BinaryPrimitives.WriteInt32BigEndian(packet[92..], request.NumWant);
        BinaryPrimitives.WriteUInt16BigEndian(packet[96..], (ushort)request.Port);
        output.Advance(AnnounceLength);

        var left = Encoding.UTF8.GetBytes(urlData).AsSpan();
        left = left[..Math.Min(left.Length, MaxUrlData)];
        while (left.Length > 0)
        {
            var length = Math.Min(left.Length, MaxOptionLength);
            output.Write([UrlDataOption, (byte)length]);
            output.Write(left[..length]);
            left = left[length..];
        }
    }

    /// <summary>Reads the answer to an announce; a refusal is an answer too.</summary>
    /// <param name="datagram">All of it.</param>
    /// <param name="isIPv6">Whether the tracker was asked over IPv6: its peers then have IPv6 addresses.</param>
    /// <exception cref="ProtocolException">No such answer.</exception>
    public static AnnounceResponse ReadAnnounce(ReadOnlySpan<byte> datagram, bool isIPv6)
    {
        if (ReadAction(datagram) == ErrorAction)
        {
            return new AnnounceResponse { Failure = ReadError(datagram) };
        }

        if (ReadAction(datagram) != AnnounceAction || datagram.Length < AnnounceHeaderLength)
        {
            throw new ProtocolException(ProtocolError.Malformed, "Not the answer to an announce.");
        }

        var seconds = BinaryPrimitives.ReadInt32BigEndian(datagram[8..]);
        var leechers = BinaryPrimitives.ReadInt32BigEndian(datagram[12..]);
        var seeders = BinaryPrimitives.ReadInt32BigEndian(datagram[16..]);
        var length = isIPv6 ? 18 : 6;
        var peers = new List<PeerEndPoint>();
        for (
            var rest = datagram[AnnounceHeaderLength..];
            rest.Length >= length && peers.Count < AnnounceResponse.MaxPeers;
            rest = rest[length..]
        )
        {
            var peer = PeerEndPoint.ReadCompact(rest[..length]);
            if (peer.Port != 0)
            {
                peers.Add(peer);
            }
        }

        return new AnnounceResponse
        {
            Interval = seconds <= 0 ? null : Earlier(TimeSpan.FromSeconds(seconds), AnnounceResponse.MaxInterval),
            Leechers = leechers >= 0 ? leechers : null,
            Seeders = seeders >= 0 ? seeders : null,
            Peers = peers,
        };
    }

    /// <summary>Asks how many peers a torrent has.</summary>
    public static int WriteScrape(Span<byte> destination, ulong connection, uint transaction, InfoHash infoHash)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, connection);
        BinaryPrimitives.WriteInt32BigEndian(destination[8..], ScrapeAction);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], transaction);
        infoHash.CopyTo(destination[16..]);
        return ScrapeLength;
    }

    /// <summary>Reads the answer to a scrape for one torrent.</summary>
    /// <returns>Null: the tracker refuses, or does not say.</returns>
    /// <exception cref="ProtocolException">No such answer.</exception>
    public static ScrapeCounts? ReadScrape(ReadOnlySpan<byte> datagram)
    {
        if (ReadAction(datagram) == ErrorAction)
        {
            return null;
        }

        if (ReadAction(datagram) != ScrapeAction || datagram.Length < ScrapeAnswerLength)
        {
            throw new ProtocolException(ProtocolError.Malformed, "Not the answer to a scrape.");
        }

        var seeders = BinaryPrimitives.ReadInt32BigEndian(datagram[8..]); // behind it: how often it was downloaded
        var leechers = BinaryPrimitives.ReadInt32BigEndian(datagram[16..]);
        return seeders >= 0 && leechers >= 0 ? new ScrapeCounts(seeders, leechers) : null;
    }

    private static bool IsAnswer(ReadOnlySpan<byte> datagram, int action, int length)
    {
        return datagram.Length >= HeaderLength
            && BinaryPrimitives.ReadInt32BigEndian(datagram) is var found
            && (found == ErrorAction || (found == action && datagram.Length >= length));
    }

    private static int ReadAction(ReadOnlySpan<byte> datagram)
    {
        return datagram.Length >= HeaderLength
            ? BinaryPrimitives.ReadInt32BigEndian(datagram)
            : throw new ProtocolException(ProtocolError.Truncated, "Too short for a tracker's answer.");
    }

    private static string ReadError(ReadOnlySpan<byte> datagram)
    {
        var words = datagram[HeaderLength..];
        return words.Length == 0
            ? "refused without a reason"
            : SafeName.Decode(words[..Math.Min(words.Length, MaxWords)], null).TrimEnd('\0');
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b)
    {
        return a < b ? a : b;
    }
}
