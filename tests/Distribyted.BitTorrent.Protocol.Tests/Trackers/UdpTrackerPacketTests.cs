using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Text;
using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Protocol.Tests.Trackers;

public sealed class UdpTrackerPacketTests
{
    private static readonly AnnounceRequest Request = new(
        InfoHash.Compute("x"u8),
        new PeerId("-DB0100-abcdefghijkl"u8),
        6881,
        Uploaded: 0x11,
        Downloaded: 0x22,
        Left: 0x33,
        AnnounceEvent.Started,
        NumWant: -1,
        Key: 0xCAFE
    );

    [Test]
    public void A_connect_is_written_as_BEP_15_has_it()
    {
        var packet = new byte[UdpTrackerPacket.ConnectLength];

        UdpTrackerPacket.WriteConnect(packet, 0xDEADBEEF);

        Assert.That(Convert.ToHexStringLower(packet), Is.EqualTo("000004172710198000000000deadbeef"));
    }

    [Test]
    public void An_announce_is_written_as_BEP_15_has_it()
    {
        var output = new ArrayBufferWriter<byte>();

        UdpTrackerPacket.WriteAnnounce(output, 0x0102030405060708, 0xDEADBEEF, Request, "");

        Assert.That(
            Convert.ToHexStringLower(output.WrittenSpan),
            Is.EqualTo(
                "0102030405060708"
                    + "00000001deadbeef"
                    + Request.InfoHash
                    + Convert.ToHexStringLower("-DB0100-abcdefghijkl"u8)
                    + "0000000000000022"
                    + "0000000000000033"
                    + "0000000000000011"
                    + "00000002"
                    + "00000000"
                    + "0000cafe"
                    + "ffffffff"
                    + "1ae1"
            )
        );
        Assert.That(output.WrittenCount, Is.EqualTo(UdpTrackerPacket.AnnounceLength));
    }

    [TestCase("/announce", 1)]
    [TestCase("/s3cret/announce?a=1", 1)]
    [TestCase(255, 1)]
    [TestCase(256, 2)]
    [TestCase(510, 2)]
    [TestCase(511, 3)]
    public void The_path_goes_along_as_BEP_41_has_it(object path, int options)
    {
        var text = path as string ?? new string('a', (int)path);
        var output = new ArrayBufferWriter<byte>();

        UdpTrackerPacket.WriteAnnounce(output, 1, 2, Request, text);

        var rest = output.WrittenSpan[UdpTrackerPacket.AnnounceLength..];
        var found = "";
        var count = 0;
        for (; rest.Length > 0; rest = rest[(2 + rest[1])..], count++)
        {
            Assert.That(rest[0], Is.EqualTo(2));
            found += Encoding.ASCII.GetString(rest.Slice(2, rest[1]));
        }

        Assert.That((found, count), Is.EqualTo((text, options)));
    }

    [Test]
    public void An_absurd_path_does_not_make_an_absurd_packet()
    {
        var output = new ArrayBufferWriter<byte>();

        UdpTrackerPacket.WriteAnnounce(output, 1, 2, Request, new string('a', 100_000));

        Assert.That(output.WrittenCount, Is.LessThan(2300));
    }

    [Test]
    public void A_connection_id_is_read()
    {
        var datagram = Convert.FromHexString("00000000deadbeef0102030405060708");

        Assert.That(UdpTrackerPacket.TryReadTransaction(datagram, out var transaction));
        Assert.That((UdpTrackerPacket.ReadConnect(datagram), transaction), Is.EqualTo((0x0102030405060708UL, 0xDEADBEEFu)));
    }

    [Test]
    public void Peers_are_read_in_the_family_that_was_asked()
    {
        var header = Convert.FromHexString("00000001deadbeef" + "00000708" + "00000003" + "00000004");
        byte[] four = [.. header, 1, 2, 3, 4, 0x1A, 0xE1, 9, 9, 9, 9, 0, 0, 5, 6, 7];
        byte[] six = [.. header, .. IPAddress.IPv6Loopback.GetAddressBytes(), 0, 80];

        var inFour = UdpTrackerPacket.ReadAnnounce(four, isIPv6: false);
        var inSix = UdpTrackerPacket.ReadAnnounce(six, isIPv6: true);

        Assert.That(inFour.Interval, Is.EqualTo(TimeSpan.FromMinutes(30)));
        Assert.That((inFour.Leechers, inFour.Seeders), Is.EqualTo(((int?)3, (int?)4)));
        Assert.That(inFour.Peers, Is.EqualTo(new[] { new PeerEndPoint(IPEndPoint.Parse("1.2.3.4:6881")) }));
        Assert.That(inSix.Peers, Is.EqualTo(new[] { new PeerEndPoint(IPEndPoint.Parse("[::1]:80")) }));
    }

    [TestCase("", "refused without a reason")]
    [TestCase("torrent not registered", "torrent not registered")]
    [TestCase("ends with zero\0", "ends with zero")]
    public void A_refusal_is_an_answer_to_an_announce(string words, string expected)
    {
        byte[] datagram = [0, 0, 0, 3, 0, 0, 0, 1, .. Encoding.ASCII.GetBytes(words)];

        Assert.That(UdpTrackerPacket.ReadAnnounce(datagram, isIPv6: false).Failure, Is.EqualTo(expected));
        Assert.That(() => UdpTrackerPacket.ReadConnect(datagram), Throws.TypeOf<ProtocolException>().With.Message.Contains(expected));
    }

    [TestCase("")]
    [TestCase("00000001")]
    [TestCase("00000001deadbee")]
    [TestCase("00000001deadbeef")]
    [TestCase("00000001deadbeef000007080000000300000")]
    [TestCase("00000000deadbeef010203040506070809090909")]
    [TestCase("00000002deadbeef0000070800000003000000040102030405")]
    [TestCase("ffffffffdeadbeef00000708000000030000000401020304")]
    public void What_is_no_answer_is_refused(string hex)
    {
        var datagram = Convert.FromHexString(hex[..(hex.Length / 2 * 2)]);

        Assert.That(() => UdpTrackerPacket.ReadAnnounce(datagram, isIPv6: false), Throws.TypeOf<ProtocolException>());
    }

    [Test]
    public void Numbers_below_zero_say_nothing()
    {
        var response = UdpTrackerPacket.ReadAnnounce(
            Convert.FromHexString("00000001deadbeef" + "ffffffff" + "80000000" + "ffffffff"),
            isIPv6: false
        );

        Assert.That((response.Interval, response.Leechers, response.Seeders), Is.EqualTo(((TimeSpan?)null, (int?)null, (int?)null)));
    }

    [Test]
    public void A_long_interval_is_cut_and_only_five_hundred_peers_are_taken()
    {
        var datagram = new byte[20 + (600 * 6)];
        datagram.AsSpan(20).Fill(1);
        BinaryPrimitives.WriteInt32BigEndian(datagram, 1);
        BinaryPrimitives.WriteInt32BigEndian(datagram.AsSpan(8), int.MaxValue);

        var response = UdpTrackerPacket.ReadAnnounce(datagram, isIPv6: false);

        Assert.That((response.Peers.Count, response.Interval), Is.EqualTo((500, (TimeSpan?)AnnounceResponse.MaxInterval)));
    }

    [Test]
    public void A_scrape_is_written_and_its_answer_is_read()
    {
        var hash = InfoHash.Compute("a torrent"u8);
        var packet = new byte[UdpTrackerPacket.ScrapeLength];

        var length = UdpTrackerPacket.WriteScrape(packet, 0x0102030405060708, 0xDEADBEEF, hash);
        var counts = UdpTrackerPacket.ReadScrape(Convert.FromHexString("00000002deadbeef" + "00000004" + "00000009" + "00000003"));

        Assert.That(length, Is.EqualTo(36));
        Assert.That(Convert.ToHexStringLower(packet), Is.EqualTo("0102030405060708" + "00000002" + "deadbeef" + hash));
        Assert.That(counts, Is.EqualTo(new ScrapeCounts(Seeders: 4, Leechers: 3)));
    }

    [TestCase("00000003deadbeef6e6f")]
    [TestCase("00000002deadbeefffffffff0000000900000003")]
    public void A_refused_scrape_and_numbers_below_zero_say_nothing(string hex)
    {
        Assert.That(UdpTrackerPacket.ReadScrape(Convert.FromHexString(hex)), Is.Null);
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes =>
            {
                UdpTrackerPacket.TryReadTransaction(bytes, out _);
                Fuzz.IsReadOrRefused(static b => UdpTrackerPacket.ReadConnect(b), bytes);
                Fuzz.IsReadOrRefused(static b => UdpTrackerPacket.ReadScrape(b), bytes);
                Fuzz.IsReadOrRefused(static b => UdpTrackerPacket.ReadAnnounce(b, isIPv6: true), bytes);
                UdpTrackerPacket.ReadAnnounce(bytes, isIPv6: false);
            },
            [Convert.FromHexString("00000001deadbeef000007080000000300000004010203041ae1"), Convert.FromHexString("00000003deadbeef4142")],
            []
        );
    }
}
