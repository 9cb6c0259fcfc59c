using System.Security.Cryptography;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Tests.Peers;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.Lab;

namespace Distribyted.BitTorrent.Tests.Extensions;

/// <summary>Who is asked for the info dictionary, and who is believed.</summary>
internal sealed class MetadataFetchTests
{
    private const long Now = 100 * MonotonicClock.Second;
    private static readonly byte[] True = [.. Enumerable.Range(0, 40_000).Select(static i => (byte)(i * 7))]; // three parts
    private static readonly byte[] Wrong = [.. True.Select(static b => (byte)~b)];
    private static readonly ExtensionHandshake Gives = new ExtensionHandshake { MetadataSize = True.Length }.WithId("ut_metadata", 1);

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public async Task A_liar_that_rejects_when_it_is_asked_alone_keeps_no_other_peer_out(int lies)
    {
        await using var stand = new PeerStand();
        var fetch = new MetadataFetch(InfoHash.Compute(True));
        var liar = stand.Connect(Gives);
        var honest = stand.Connect(Gives);
        fetch.HandshakeReceived(liar);
        foreach (var part in Asked(fetch, liar))
        {
            Give(fetch, liar, part, Wrong);
        }

        fetch.HandshakeReceived(honest);
        foreach (var part in Asked(fetch, liar))
        {
            if (part < lies)
            {
                Give(fetch, liar, part, Wrong);
            }
            else
            {
                fetch.Rejected(liar, part);
            }
        }

        var parts = Asked(fetch, honest);
        var given = parts.ConvertAll(part => Give(fetch, honest, part, True));

        Assert.That(parts, Is.EqualTo(new[] { 0, 1, 2 }), "wrong parts of the liar are not kept");
        Assert.That(given[^1], Is.EqualTo(True));
    }

    [Test]
    public async Task A_lone_source_that_is_slow_after_a_wrong_hash_need_not_begin_anew()
    {
        await using var stand = new PeerStand();
        var fetch = new MetadataFetch(InfoHash.Compute(True));
        var slow = stand.Connect(Gives);
        fetch.HandshakeReceived(slow);
        foreach (var part in Asked(fetch, slow))
        {
            Give(fetch, slow, part, Wrong);
        }

        Give(fetch, slow, Asked(fetch, slow)[0], True);

        Assert.That(Asked(fetch, slow, Now + (10 * MonotonicClock.Second)), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task Peers_that_send_the_metadata_of_another_torrent_are_counted()
    {
        await using var stand = new PeerStand();
        var fetch = new MetadataFetch(InfoHash.Compute(True));
        Assert.That(fetch.Wrong, Is.Null);
        fetch.HandshakeReceived(stand.Connect(Gives));
        fetch.HandshakeReceived(stand.Connect(Gives));

        for (var round = 0; round < 3; round++) // both together, then each alone
        {
            GiveAll(fetch, Wrong);
        }

        Assert.That(fetch.Wrong!.Message, Does.StartWith($"2 peers sent metadata of another torrent ({InfoHash.Compute(Wrong)})"));
    }

    [Test]
    public async Task The_v2_hash_of_a_hybrid_torrent_is_recognised_and_its_v1_hash_is_named()
    {
        await using var stand = new PeerStand();
        byte[] hybrid = [.. SwarmBed.InfoOf(LabContent.File("film.mkv", 1 << 20), 1024).Bytes.Span];
        var fetch = new MetadataFetch(new InfoHash(SHA256.HashData(hybrid).AsSpan(0, 20)));
        var peer = stand.Connect(new ExtensionHandshake { MetadataSize = hybrid.Length }.WithId("ut_metadata", 1));
        fetch.HandshakeReceived(peer);

        GiveAll(fetch, hybrid);

        Assert.That(fetch.Wrong!.Message, Does.Contain("is the v2 info hash of a hybrid torrent (1 peer sent it)"));
        Assert.That(fetch.Wrong.Message, Does.EndWith($"magnet:?xt=urn:btih:{InfoHash.Compute(hybrid)}"));
    }

    [Test]
    public async Task A_torrent_of_v2_only_is_said_to_be_one()
    {
        await using var stand = new PeerStand();
        var fetch = new MetadataFetch(new InfoHash(SHA256.HashData(True).AsSpan(0, 20)));
        var peer = stand.Connect(Gives);
        fetch.HandshakeReceived(peer);

        GiveAll(fetch, True);

        Assert.That(fetch.Wrong!.Message, Does.Contain("BitTorrent v2 only"));
    }

    [Test]
    public async Task A_later_handshake_says_what_is_true_now()
    {
        await using var stand = new PeerStand();
        var fetch = new MetadataFetch(InfoHash.Compute(True));
        var peer = stand.Connect(new ExtensionHandshake().WithId("ut_metadata", 1));
        fetch.HandshakeReceived(peer);
        Assert.That(Asked(fetch, peer), Is.EqualTo(new[] { 0 }), "its first part says how long it is");
        fetch.Rejected(peer, 0);
        Assert.That(Asked(fetch, peer), Is.Empty, "it has none");

        peer.Extensions = peer.Extensions!.Then(Gives);
        fetch.HandshakeReceived(peer);
        Assert.That(Asked(fetch, peer), Is.EqualTo(new[] { 0, 1, 2 }), "now it has");

        peer.Extensions = peer.Extensions.Then(new ExtensionHandshake().WithId("ut_metadata", 0));
        fetch.HandshakeReceived(peer);
        Assert.That(
            Asked(fetch, peer, Now + (10 * MonotonicClock.Second)),
            Is.Empty,
            "an id of 0 switches it off: what was asked is not asked again"
        );
    }

    private static List<int> Asked(MetadataFetch fetch, Peer of, long now = Now)
    {
        return fetch.Ask(now).FindAll(ask => ask.Peer == of).ConvertAll(static ask => ask.Part);
    }

    private static void GiveAll(MetadataFetch fetch, byte[] bytes)
    {
        foreach (var (peer, part) in fetch.Ask(Now))
        {
            Give(fetch, peer, part, bytes);
        }
    }

    private static byte[]? Give(MetadataFetch fetch, Peer from, int part, byte[] bytes)
    {
        var start = part * MetadataMessage.PieceLength;
        return fetch.Received(from, part, bytes.Length, bytes.AsSpan(start, Math.Min(MetadataMessage.PieceLength, bytes.Length - start)));
    }
}
