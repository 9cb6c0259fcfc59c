using System.Buffers;
using System.Net;
using System.Text;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Protocol.Tests.Dht;

internal sealed class KrpcTests
{
    // The examples of BEP 5.
    private const string Ping = "d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";
    private const string FindNode = "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe";
    private const string GetPeers = "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe";
    private const string Announce =
        "d1:ad2:id20:abcdefghij012345678912:implied_porti1e9:info_hash20:mnopqrstuvwxyz1234564:porti6881e5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe";
    private const string Pong = "d1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re";
    private const string Peers = "d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re";
    private const string Error = "d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee";

    private static readonly string[] Words =
    [
        "a",
        "r",
        "e",
        "q",
        "t",
        "y",
        "ip",
        "ro",
        "v",
        "id",
        "target",
        "info_hash",
        "token",
        "port",
        "implied_port",
        "nodes",
        "nodes6",
        "values",
        "want",
        "n4",
        "n6",
        "ping",
        "find_node",
        "get_peers",
        "announce_peer",
        "abcdefghij0123456789",
    ];

    [TestCase(Ping, KrpcMethod.Ping)]
    [TestCase(FindNode, KrpcMethod.FindNode)]
    [TestCase(GetPeers, KrpcMethod.GetPeers)]
    [TestCase(Announce, KrpcMethod.AnnouncePeer)]
    [TestCase("d1:ad2:id20:abcdefghij0123456789e1:q4:vote1:t2:aa1:y1:qe", KrpcMethod.Unknown)]
    public void Queries_of_the_BEP_are_read(string text, KrpcMethod method)
    {
        var message = Read(Fuzz.Ascii(text));

        Assert.That(message.Kind, Is.EqualTo(KrpcKind.Query));
        Assert.That(message.Method, Is.EqualTo(method));
        Assert.That(Encoding.ASCII.GetString(message.Transaction), Is.EqualTo("aa"));
        Assert.That(message.Sender, Is.EqualTo(new NodeId("abcdefghij0123456789"u8)));
        Assert.That(message.IsReadOnly, Is.False);
        if (method is KrpcMethod.FindNode or KrpcMethod.GetPeers or KrpcMethod.AnnouncePeer)
        {
            Assert.That(message.Target, Is.EqualTo(new NodeId("mnopqrstuvwxyz123456"u8)));
        }
    }

    [Test]
    public void An_announce_has_a_token_and_a_port()
    {
        var message = Read(Fuzz.Ascii(Announce));

        Assert.That(Encoding.ASCII.GetString(message.Token), Is.EqualTo("aoeusnth"));
        Assert.That(message.Port, Is.EqualTo(6881));
        Assert.That(message.ImpliedPort, Is.True);
    }

    [TestCase("i0e")]
    [TestCase("i65536e")]
    [TestCase("i-1e")]
    [TestCase("i9223372036854775807e")]
    [TestCase("i99999999999999999999e")]
    [TestCase("4:6881")]
    [TestCase("le")]
    public void A_port_that_is_none_is_zero(string port)
    {
        Assert.That(Read(Fuzz.Ascii(Announce.Replace("i6881e", port, StringComparison.Ordinal))).Port, Is.Zero);
    }

    [Test]
    public void An_answer_with_peers_is_read()
    {
        var message = Read(Fuzz.Ascii(Peers));
        List<PeerEndPoint> peers = [];
        message.ReadValues(peers);

        Assert.That(message.Kind, Is.EqualTo(KrpcKind.Response));
        Assert.That(
            peers,
            Is.EqualTo(new[] { "axje.u"u8.ToArray(), "idhtnm"u8.ToArray() }.Select(static bytes => PeerEndPoint.ReadCompact(bytes)))
        );
    }

    [Test]
    public void Peers_of_odd_lengths_or_without_port_are_left_out_and_there_are_at_most_a_hundred()
    {
        var values = "5:axje." + "6:axje\0\0" + "i5e" + "le" + string.Concat(Enumerable.Repeat("6:axje.u", 150));
        var message = Read(Fuzz.Ascii($"d1:rd2:id20:abcdefghij01234567896:valuesl{values}ee1:t2:aa1:y1:re"));
        List<PeerEndPoint> peers = [];
        message.ReadValues(peers);

        Assert.That(peers, Has.Count.EqualTo(96));
    }

    [Test]
    public void An_error_has_a_number_and_no_sender()
    {
        var message = Read(Fuzz.Ascii(Error));

        Assert.That(message.Kind, Is.EqualTo(KrpcKind.Error));
        Assert.That(message.ErrorCode, Is.EqualTo(201));
    }

    [Test]
    public void Read_only_nodes_wanted_families_and_the_seen_address_are_read()
    {
        var query = Read(
            Fuzz.Ascii(
                "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz1234564:wantl2:n42:n62:xxee1:q9:find_node2:roi1e1:t2:aa1:y1:qe"
            )
        );
        var answer = Read(Fuzz.Ascii("d2:ip6:axje.u" + Pong[1..]));

        Assert.That(query.IsReadOnly && query.WantsIPv4 && query.WantsIPv6, Is.True);
        Assert.That(answer.SeenAs, Is.EqualTo(PeerEndPoint.ReadCompact("axje.u"u8)));
    }

    [TestCase("", ProtocolError.Truncated)]
    [TestCase("de", ProtocolError.Invalid)]
    [TestCase("d1:y1:qe", ProtocolError.Invalid)]
    [TestCase("d1:t0:1:y1:qe", ProtocolError.Invalid)]
    [TestCase("d1:t33:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1:y1:qe", ProtocolError.Invalid)]
    [TestCase("d1:t2:aa1:y1:xe", ProtocolError.Unsupported)]
    [TestCase("d1:q4:ping1:t2:aa1:y1:qe", ProtocolError.Missing)]
    [TestCase("d1:ad2:id19:abcdefghij012345678e1:q4:ping1:t2:aa1:y1:qe", ProtocolError.Missing)]
    [TestCase("d1:ad2:id20:abcdefghij0123456789e1:q9:get_peers1:t2:aa1:y1:qe", ProtocolError.Missing)]
    [TestCase("d1:rd2:idi7ee1:t2:aa1:y1:re", ProtocolError.Missing)]
    [TestCase(Ping + "x", ProtocolError.Malformed)]
    public void What_is_no_message_is_refused(string text, ProtocolError error)
    {
        Assert.That(KrpcReader.TryRead(Fuzz.Ascii(text), out _), Is.EqualTo(error));
    }

    [Test]
    public void A_datagram_that_is_too_long_is_refused_unread()
    {
        var text = Fuzz.Ascii("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:v2000:" + new string('x', 2000) + "1:y1:qe");

        Assert.That(KrpcReader.TryRead(text, out _), Is.EqualTo(ProtocolError.TooLarge));
    }

    [TestCase(Ping, true)]
    [TestCase("", false)]
    [TestCase("d", false)]
    [TestCase("!\0\0e", false)]
    public void A_message_is_told_from_other_datagrams(string text, bool isKrpc)
    {
        Assert.That(KrpcReader.LooksLikeKrpc(Fuzz.Ascii(text)), Is.EqualTo(isKrpc));
    }

    [TestCase(KrpcMethod.Ping)]
    [TestCase(KrpcMethod.FindNode)]
    [TestCase(KrpcMethod.GetPeers)]
    [TestCase(KrpcMethod.AnnouncePeer)]
    public void A_query_that_is_written_is_read_back(KrpcMethod method)
    {
        var bytes = Written(writer =>
            writer.WriteQuery(
                new KrpcQuery
                {
                    Method = method,
                    Transaction = 0x61626364,
                    Self = new NodeId("abcdefghij0123456789"u8),
                    Target = new NodeId("mnopqrstuvwxyz123456"u8),
                    Token = "token"u8,
                    Port = 6881,
                    WantsBoth = true,
                    IsReadOnly = true,
                }
            )
        );

        var message = Read(bytes);

        Assert.That(message.Method, Is.EqualTo(method));
        Assert.That(Encoding.ASCII.GetString(message.Transaction), Is.EqualTo("abcd"));
        Assert.That(message.IsReadOnly, Is.True);
        Assert.That(message.WantsIPv4 && message.WantsIPv6, Is.EqualTo(method is KrpcMethod.FindNode or KrpcMethod.GetPeers));
        Assert.That(message.Port, Is.EqualTo(method == KrpcMethod.AnnouncePeer ? 6881 : 0));
    }

    [Test]
    public void A_ping_is_written_as_in_the_BEP()
    {
        var bytes = Written(static writer =>
            writer.WriteQuery(
                new KrpcQuery
                {
                    Method = KrpcMethod.Ping,
                    Transaction = 0x61616161,
                    Self = new NodeId("abcdefghij0123456789"u8),
                }
            )
        );

        Assert.That(Encoding.ASCII.GetString(bytes), Is.EqualTo(Ping.Replace("2:aa", "4:aaaa", StringComparison.Ordinal)));
        Assert.That(bytes, Has.Length.EqualTo(KrpcWriter.PingLength));
    }

    [Test]
    public void An_answer_has_what_fits_and_peers_come_before_nodes([Range(0, 1400, 7)] int maxLength)
    {
        var isWritten = false;
        var bytes = Written(writer => isWritten = writer.TryWriteAnswer(Answer(100, 8), maxLength));

        Assert.That(bytes.Length, Is.LessThanOrEqualTo(maxLength).And.LessThanOrEqualTo(KrpcWriter.MaxLength));
        Assert.That(isWritten, Is.EqualTo(maxLength >= 47));
        if (!isWritten)
        {
            return;
        }

        var message = Read(bytes);
        List<PeerEndPoint> peers = [];
        List<CompactNode> nodes = [];
        message.ReadValues(peers);
        CompactNode.ReadAll(message.Nodes, isIPv6: false, 100, nodes);
        Assert.That(peers, Is.EqualTo(Answer(100, 8).Values.Take(peers.Count)));
        Assert.That(nodes, Is.EqualTo(Answer(100, 8).Nodes.Take(nodes.Count)));
        Assert.That(nodes, maxLength < 900 ? Has.Count.LessThan(2) : Has.Count.GreaterThanOrEqualTo(0));
        Assert.That(message.Token.IsEmpty, Is.EqualTo(maxLength < 64));
        Assert.That(message.SeenAs is null, Is.EqualTo(maxLength is < 59 or >= 64 and < 76));
    }

    [Test]
    public void A_usual_answer_fits_whole()
    {
        var bytes = Written(static writer => writer.TryWriteAnswer(Answer(100, 8), KrpcWriter.MaxLength));
        var message = Read(bytes);

        Assert.That(message.Nodes.Length, Is.EqualTo(8 * CompactNode.LengthIPv4));
        Assert.That(Encoding.ASCII.GetString(message.Token), Is.EqualTo("tokentok"));
    }

    [Test]
    public void Errors_are_written_and_read()
    {
        var message = Read(Written(static writer => writer.WriteError("aa"u8, 203, "Bad Token"u8)));

        Assert.That(message.Kind, Is.EqualTo(KrpcKind.Error));
        Assert.That(message.ErrorCode, Is.EqualTo(203));
    }

    [Test]
    public void Any_datagram_is_read_or_refused()
    {
        string[] seeds = [Ping, FindNode, GetPeers, Announce, Pong, Peers, Error];
        byte[][] written = [Written(static writer => writer.TryWriteAnswer(Answer(20, 8), KrpcWriter.MaxLength))];
        Fuzz.EveryTextIsReadOrRefused(
            static bytes =>
            {
                if (KrpcReader.TryRead(bytes, out var message) is not null)
                {
                    return;
                }

                List<PeerEndPoint> peers = [];
                List<CompactNode> nodes = [];
                message.ReadValues(peers);
                CompactNode.ReadAll(message.Nodes, isIPv6: false, 16, nodes);
                CompactNode.ReadAll(message.Nodes6, isIPv6: true, 16, nodes);
            },
            [.. seeds.Select(Fuzz.Ascii), .. written],
            Words
        );
    }

    [TestCase(Announce)]
    [TestCase(Peers)]
    [TestCase("d1:y1:q1:t2:aa1:q4:ping1:ad2:id20:abcdefghij0123456789ee")] // unsorted
    [TestCase("d1:ad2:id20:abcdefghij")]
    [TestCase("d1:ad2:id99999999999999999999:e1:q4:ping1:t2:aa1:y1:qe")]
    [TestCase("d1:ali007eee1:t2:aa1:y1:qe")]
    [TestCase("llllllllllllllllllllllllllllllllllllllllllllllllllllllllllle")]
    [TestCase("de")]
    public void Reading_and_refusing_allocate_nothing(string text)
    {
        var bytes = Fuzz.Ascii(text);
        KrpcReader.TryRead(bytes, out _);

        Assert.That(Fuzz.AllocatedBy(() => KrpcReader.TryRead(bytes, out _)), Is.Zero);
    }

    [Test]
    public void What_is_wrong_inside_a_list_of_peers_is_no_error_when_they_are_read()
    {
        var message = Read(Fuzz.Ascii("d1:rd2:id20:abcdefghij01234567896:valuesl6:axje.ud1:a0:1:a0:e6:idhtnmee1:t2:aa1:y1:re"));

        List<PeerEndPoint> peers = [];
        message.ReadValues(peers);

        Assert.That(peers, Has.Count.EqualTo(2));
    }

    private static KrpcMessage Read(ReadOnlySpan<byte> bytes)
    {
        Assert.That(KrpcReader.TryRead(bytes, out var message), Is.Null);
        return message;
    }

    private static KrpcAnswer Answer(int peers, int nodes)
    {
        return new KrpcAnswer
        {
            Transaction = "aa"u8,
            Self = new NodeId("abcdefghij0123456789"u8),
            Asker = new PeerEndPoint(IPAddress.Parse("1.2.3.4"), 5),
            Token = "tokentok"u8,
            Values = [.. Enumerable.Range(1, peers).Select(static i => new PeerEndPoint(IPAddress.Parse("2.3.4.5"), i))],
            Nodes =
            [
                .. Enumerable
                    .Range(1, nodes)
                    .Select(static i => new CompactNode(
                        new NodeId("mnopqrstuvwxyz123456"u8),
                        new PeerEndPoint(IPAddress.Parse("3.4.5.6"), i)
                    )),
            ],
            Nodes6 = [],
        };
    }

    private static byte[] Written(Action<KrpcWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new KrpcWriter(output));
        return output.WrittenSpan.ToArray();
    }
}
