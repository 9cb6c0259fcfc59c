using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class EarlyMessagesTests
{
    [Test]
    public void What_came_before_the_metadata_comes_out_in_order()
    {
        var early = new EarlyMessages();
        byte[] bits = [0x80, 0x01];
        early.Keep(PeerMessageKind.Bitfield, 0, bits);
        early.Keep(PeerMessageKind.Have, 7, []);
        bits[0] = 0; // a receive buffer is used again

        Assert.That(early.TryTake(out var kind, out _, out var taken));
        Assert.That((kind, taken), Is.EqualTo((PeerMessageKind.Bitfield, new byte[] { 0x80, 0x01 })));
        Assert.That(early.TryTake(out kind, out var piece, out _));
        Assert.That((kind, piece), Is.EqualTo((PeerMessageKind.Have, 7)));
        Assert.That(early.TryTake(out _, out _, out _), Is.False);
    }

    [TestCase(EarlyMessages.MaxBytes - 5, 0, TestName = "A_bitfield_as_long_as_allowed_is_kept")]
    [TestCase(0, (EarlyMessages.MaxBytes / 5) - 1, TestName = "As_many_HAVE_as_allowed_are_kept")]
    public void A_peer_that_says_more_breaks_the_protocol(int bits, int haves)
    {
        var early = new EarlyMessages();
        early.Keep(PeerMessageKind.Bitfield, 0, new byte[bits]);
        for (var i = 0; i < haves; i++)
        {
            early.Keep(PeerMessageKind.Have, i, []);
        }

        Assert.That(() => early.Keep(PeerMessageKind.Have, 1, []), Throws.TypeOf<ProtocolException>());
    }
}
