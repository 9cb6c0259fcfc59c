using System.Net;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Trackers;

namespace Distribyted.BitTorrent.Protocol.Tests.Trackers;

public sealed class HttpAnnounceTests
{
    private static readonly AnnounceRequest Request = new(
        new InfoHash(Convert.FromHexString("123456789abcdef123456789abcdef123456789a")),
        new PeerId("-DB0100-abcdefghijkl"u8),
        6881,
        Uploaded: 1,
        Downloaded: 2,
        Left: 3,
        AnnounceEvent.Started,
        NumWant: 50,
        Key: 0xAB
    );

    [Test]
    public void The_request_is_written_behind_the_address()
    {
        var uri = HttpAnnounce.BuildUri(new Uri("http://tracker.example:6969/announce"), Request);

        Assert.That(
            uri.AbsoluteUri,
            Is.EqualTo(
                "http://tracker.example:6969/announce?info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A&peer_id=-DB0100-abcdefghijkl"
                    + "&port=6881&uploaded=1&downloaded=2&left=3&compact=1&no_peer_id=1&key=000000ab&numwant=50&event=started"
            )
        );
    }

    [TestCase("http://a/announce", "http://a/announce?info_hash=")]
    [TestCase("http://a", "http://a/?info_hash=")]
    [TestCase("http://a/announce?", "http://a/announce?info_hash=")]
    [TestCase("http://a/announce.php?passkey=s3cret", "http://a/announce.php?passkey=s3cret&info_hash=")]
    [TestCase("https://a:8443/x/announce?a=1&b=2", "https://a:8443/x/announce?a=1&b=2&info_hash=")]
    [TestCase("http://a/announce#part", "http://a/announce?info_hash=")]
    [TestCase("http://user:word@a/announce", "http://a/announce?info_hash=")]
    public void The_trackers_own_query_is_kept(string tracker, string start)
    {
        Assert.That(HttpAnnounce.BuildUri(new Uri(tracker), Request).AbsoluteUri, Does.StartWith(start));
    }

    [TestCase(false, false, "")]
    [TestCase(true, false, "&supportcrypto=1")]
    [TestCase(true, true, "&supportcrypto=1&requirecrypto=1")]
    public void Encryption_is_told_as_other_programs_do(bool takes, bool needs, string told)
    {
        var request = Request with { TakesEncryption = takes, NeedsEncryption = needs };

        var query = HttpAnnounce.BuildUri(new Uri("http://a/"), request).Query;

        Assert.That(
            string.Concat(query.Split('&').Where(static q => q.Contains("crypto", StringComparison.Ordinal)).Select(static q => "&" + q)),
            Is.EqualTo(told)
        );
    }

    [TestCase(AnnounceEvent.None, null)]
    [TestCase(AnnounceEvent.Started, "started")]
    [TestCase(AnnounceEvent.Stopped, "stopped")]
    [TestCase(AnnounceEvent.Completed, "completed")]
    public void Events_have_their_words(AnnounceEvent happened, string? word)
    {
        var query = HttpAnnounce.BuildUri(new Uri("http://a/"), Request with { Event = happened }).Query;

        Assert.That(query, word is null ? Does.Not.Contain("event=") : Does.Contain("&event=" + word));
    }

    [Test]
    public void What_may_be_left_out_is_left_out_and_what_was_given_is_sent_back()
    {
        var query = HttpAnnounce.BuildUri(new Uri("http://a/"), Request with { NumWant = -1, TrackerId = "a&b ü" }).Query;

        Assert.That(query, Does.Not.Contain("numwant").And.Contain("&trackerid=a%26b%20%C3%BC"));
    }

    [Test]
    public void Every_info_hash_survives_the_address()
    {
        // Among them bytes that are UTF-8 of marks which address parsers like to drop.
        var hashes = Gen.OneOf(
            Gen.Byte.Array[20],
            Fuzz.AnyOf<byte[]>([
                [.. Enumerable.Repeat<byte[]>([0xE2, 0x80, 0x8E, 0xE2, 0x80], 4).SelectMany(static b => b)],
                new byte[20],
                [.. "/../.%2F?#&=+ \\\"<>^`"u8[..20]],
            ])
        );
        hashes.Sample(
            static hash =>
            {
                var uri = HttpAnnounce.BuildUri(new Uri("http://a/announce?k=1"), Request with { InfoHash = new InfoHash(hash) });
                var again = new Uri(uri.AbsoluteUri + "&ip=1.2.3.4");
                return Unescape(Field(uri)).SequenceEqual(hash) && Unescape(Field(again)).SequenceEqual(hash);
            },
            iter: 3_000
        );
    }

    [Test]
    public void A_compact_answer_is_read()
    {
        var response = HttpAnnounce.Parse([
            .. "d8:completei5e11:external ip4:\u0001\u0002\u0003\u00048:intervali1800e12:min intervali60e10:incompletei7e5:peers12:"u8,
            1,
            2,
            3,
            4,
            0x1A,
            0xE1,
            5,
            6,
            7,
            8,
            0,
            0,
            .. "6:peers618:"u8,
            .. IPAddress.IPv6Loopback.GetAddressBytes(),
            0,
            80,
            .. "10:tracker id3:abc15:warning message4:slowe"u8,
        ]);

        Assert.That(response.Peers, Is.EqualTo(new[] { EndPoint("1.2.3.4:6881"), EndPoint("[::1]:80") }));
        Assert.That(
            (response.Interval, response.MinInterval),
            Is.EqualTo(((TimeSpan?)TimeSpan.FromMinutes(30), (TimeSpan?)TimeSpan.FromMinutes(1)))
        );
        Assert.That((response.Seeders, response.Leechers), Is.EqualTo(((int?)5, (int?)7)));
        Assert.That((response.TrackerId, response.Warning, response.Failure), Is.EqualTo(("abc", "slow", (string?)null)));
        Assert.That(response.ExternalAddress, Is.EqualTo(IPAddress.Parse("1.2.3.4")));
    }

    [Test]
    public void An_answer_of_dictionaries_is_read_and_names_are_left_alone()
    {
        var response = HttpAnnounce.Parse(
            "d5:peersld2:ip7:1.2.3.47:peer id20:aaaaaaaaaaaaaaaaaaaa4:porti6881eed2:ip3:::14:porti1eed2:ip4:host4:porti1eed2:ip7:1.2.3.44:porti0eed2:ip7:1.2.3.44:porti65536eei5edeee"u8
        );

        Assert.That(response.Peers, Is.EqualTo(new[] { EndPoint("1.2.3.4:6881"), EndPoint("[::1]:1") }));
    }

    [TestCase("d14:failure reason4:gonee", "gone", null)]
    [TestCase("d14:failure reason0:8:retry in5:nevere", "refused without a reason", "never")]
    [TestCase("d14:failure reasoni1e8:retry ini30ee", "refused without a reason", "00:30:00")]
    [TestCase("d14:failure reason1:x8:retry in4:soone", "x", null)]
    [TestCase("d14:failure reason1:x8:retry ini9223372036854775807ee", "x", "7.00:00:00")]
    [TestCase("d14:failure reason2:\u00e9\u00e9e", "éé", null)]
    public void A_refusal_is_an_answer(string text, string words, string? retry)
    {
        var response = HttpAnnounce.Parse(Fuzz.Ascii(text));

        Assert.That(response.Failure, Is.EqualTo(words));
        Assert.That(
            response.RetryIn,
            Is.EqualTo(
                retry switch
                {
                    null => null,
                    "never" => TimeSpan.MaxValue,
                    _ => TimeSpan.Parse(retry),
                }
            )
        );
    }

    [TestCase("de")]
    [TestCase("d8:intervali0e12:min intervali-5e10:incomplete1:x5:peersi1e6:peers6dee")]
    [TestCase("d5:peers5:abcde6:peers617:abcdefghijklmnopqe")]
    [TestCase("d8:completei-1e10:incompletei4294967296e8:intervalle10:tracker id0:e\r\n")]
    public void Odd_fields_are_as_good_as_absent(string text)
    {
        var response = HttpAnnounce.Parse(Fuzz.Ascii(text));

        Assert.That(response.Peers, Is.Empty);
        Assert.That(response with { Peers = [] }, Is.EqualTo(new AnnounceResponse() with { Peers = [] }));
    }

    [TestCase("d8:completei-e8:intervali1800e5:peers6:aaaa\u0001\u0002e")]
    [TestCase("d8:completei1.5e8:intervali01800e5:peers6:aaaa\u0001\u0002e")]
    [TestCase("d8:intervali1800e8:intervali1800e5:peers06:aaaa\u0001\u0002e")]
    [TestCase("d5:peers6:aaaa\u0001\u00028:intervali1800ee<!-- a proxy was here -->")]
    [TestCase("d8:intervali1800e5:peers6:aaaa\u0001\u0002")]
    [TestCase("d8:intervali1800e5:peers12:aaaa\u0001\u0002aaa")]
    [TestCase("d8:intervali1800e5:peers6:aaaa\u0001\u00027:privatex")]
    [TestCase("d8:intervali1800e5:peersld2:ip11:97.97.97.974:porti0258ee")]
    public void What_is_odd_or_missing_costs_no_peers(string text)
    {
        var response = HttpAnnounce.Parse(Fuzz.Ascii(text));

        Assert.That(response.Peers, Is.EqualTo(new[] { EndPoint("97.97.97.97:258") }));
        Assert.That(response.Interval, Is.EqualTo(TimeSpan.FromMinutes(30)));
    }

    [TestCase("de", true)]
    [TestCase("d5:peers3:abce\r\n", true)]
    [TestCase("d5:peers3:abc", false)]
    [TestCase("d5:peers3:ab", false)]
    [TestCase("", false)]
    [TestCase("<html>", false)]
    public void A_whole_answer_is_told_from_the_start_of_one(string text, bool isWhole)
    {
        Assert.That(HttpAnnounce.IsWhole(Fuzz.Ascii(text)), Is.EqualTo(isWhole));
    }

    [TestCase("")]
    [TestCase("Not found")]
    [TestCase("<html></html>")]
    [TestCase("le")]
    [TestCase("d5:peers")]
    [TestCase("d5:peers9999999999:e")]
    [TestCase("d8:intervali1800e")]
    [TestCase("d8:intervali1800e5:peers6:aaa")]
    public void What_is_no_answer_is_refused(string text)
    {
        Assert.That(() => HttpAnnounce.Parse(Fuzz.Ascii(text)), Throws.TypeOf<ProtocolException>());
    }

    [TestCase(499, 499)]
    [TestCase(500, 500)]
    [TestCase(501, 500)]
    [TestCase(100_000, 500)]
    public void No_more_than_five_hundred_peers_are_taken(int sent, int taken)
    {
        byte[] compact = [.. Fuzz.Ascii($"d5:peers{sent * 6}:"), .. Enumerable.Repeat((byte)7, sent * 6), (byte)'e'];
        var listed = Fuzz.Ascii("d5:peersl" + string.Concat(Enumerable.Repeat("d2:ip7:1.2.3.44:porti1ee", sent)) + "ee");

        Assert.That(HttpAnnounce.Parse(compact).Peers, Has.Count.EqualTo(taken));
        Assert.That(HttpAnnounce.Parse(listed).Peers, Has.Count.EqualTo(taken));
        Assert.That(Fuzz.AllocatedBy(() => HttpAnnounce.Parse(compact)), Is.LessThan(128 * 1024));
    }

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Fuzz.EveryTextIsReadOrRefused(
            static bytes => HttpAnnounce.Parse(bytes),
            [
                "d8:completei5e8:intervali1800e10:incompletei7e5:peers12:abcdefghijkl6:peers618:abcdefghijklmnopqr8:retry in5:nevere"u8.ToArray(),
                "d14:failure reason1:x5:peersld2:ip7:1.2.3.44:porti6881eeee"u8.ToArray(),
            ],
            [
                "complete",
                "incomplete",
                "interval",
                "min interval",
                "peers",
                "peers6",
                "ip",
                "port",
                "failure reason",
                "warning message",
                "tracker id",
                "retry in",
                "external ip",
            ]
        );
    }

    private static string Field(Uri uri)
    {
        var query = uri.PathAndQuery;
        var start = query.IndexOf("info_hash=", StringComparison.Ordinal) + "info_hash=".Length;
        return query[start..query.IndexOf('&', start)];
    }

    private static byte[] Unescape(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            bytes.Add(text[i] == '%' ? Convert.FromHexString(text.AsSpan(i + 1, 2))[0] : (byte)text[i]);
            i += text[i] == '%' ? 2 : 0;
        }

        return [.. bytes];
    }

    private static PeerEndPoint EndPoint(string text)
    {
        return new PeerEndPoint(IPEndPoint.Parse(text));
    }
}
