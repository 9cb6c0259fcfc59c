using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Protocol.Tests.Wire;

public sealed class DontHaveMessageTests
{
    [Test]
    public void It_is_written_as_BEP_54_has_it()
    {
        var bytes = new byte[10];

        var written = DontHaveMessage.WriteMessage(bytes, 7, 0x1234);

        Assert.That(Convert.ToHexStringLower(bytes.AsSpan(0, written)), Is.EqualTo("00000006140700001234"));
        Assert.That(PeerMessageReader.TryRead(bytes, out var message, out _));
        Assert.That(DontHaveMessage.Read(message.Payload), Is.EqualTo(0x1234));
    }

    [TestCase("")]
    [TestCase("000000")]
    [TestCase("0000000000")]
    [TestCase("80000000")]
    [TestCase("ffffffff")]
    public void Anything_but_an_index_is_refused(string hex)
    {
        Assert.That(() => DontHaveMessage.Read(Convert.FromHexString(hex)), Throws.TypeOf<ProtocolException>());
    }
}
