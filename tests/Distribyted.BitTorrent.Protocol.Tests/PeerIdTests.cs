namespace Distribyted.BitTorrent.Protocol.Tests;

public sealed class PeerIdTests
{
    [Test]
    public void Ours_are_known_by_their_prefix_and_never_the_same()
    {
        var one = PeerId.CreateRandom();
        var other = PeerId.CreateRandom();

        Assert.That(one.ToString(), Does.Match("^-DB0100-[0-9A-Za-z]{12}$"));
        Assert.That(one, Is.Not.EqualTo(other));
    }

    [Test]
    public void Bytes_go_in_and_out_and_what_cannot_be_shown_is_a_dot()
    {
        byte[] bytes = [.. "-XX0000-"u8, 0, 1, 0x7F, 0xFF, .. "12345678"u8];
        var copy = new byte[20];

        new PeerId(bytes).CopyTo(copy);

        Assert.That(copy, Is.EqualTo(bytes));
        Assert.That(new PeerId(bytes).ToString(), Is.EqualTo("-XX0000-....12345678"));
    }
}
