using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Tests.Peers;

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

    private static byte[]? Give(MetadataFetch fetch, Peer from, int part, byte[] bytes)
    {
        var start = part * MetadataMessage.PieceLength;
        return fetch.Received(from, part, bytes.Length, bytes.AsSpan(start, Math.Min(MetadataMessage.PieceLength, bytes.Length - start)));
    }
}
