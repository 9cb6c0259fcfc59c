using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class EncryptionChoicesTests
{
    private static readonly PeerEndPoint Peer = new(IPAddress.Parse("192.0.2.1"), 6881);

    [TestCase(EncryptionMode.Require, true)]
    [TestCase(EncryptionMode.Disable, false)]
    public void A_restriction_leaves_one_way_whatever_happened(EncryptionMode mode, bool encrypts)
    {
        var choices = new EncryptionChoices(mode);
        choices.Failed(Peer, encrypts);
        choices.Worked(Peer, !encrypts);

        foreach (var isUrgent in new[] { false, true })
        {
            Assert.That(choices.Encrypts(Peer, isUrgent, out var mayTryOther), Is.EqualTo(encrypts));
            Assert.That(mayTryOther, Is.False);
        }
    }

    [TestCase(false, true)]
    [TestCase(true, false)]
    public void An_unknown_peer_is_dialled_encrypted_first_unless_a_reader_waits(bool isUrgent, bool encrypts)
    {
        var choices = new EncryptionChoices(EncryptionMode.Prefer);

        Assert.That(choices.Encrypts(Peer, isUrgent, out var mayTryOther), Is.EqualTo(encrypts));
        Assert.That(mayTryOther, Is.True);
    }

    [Test]
    public void What_worked_is_done_at_once([Values] bool wasEncrypted, [Values] bool isUrgent)
    {
        var choices = new EncryptionChoices(EncryptionMode.Prefer);
        choices.Failed(Peer, !wasEncrypted);
        choices.Worked(Peer, wasEncrypted);

        Assert.That(choices.Encrypts(Peer, isUrgent, out var mayTryOther), Is.EqualTo(wasEncrypted));
        Assert.That(mayTryOther, Is.False);
    }

    [Test]
    public void Who_is_said_to_prefer_encryption_is_dialled_encrypted_first_until_something_is_known([Values] bool isUrgent)
    {
        var choices = new EncryptionChoices(EncryptionMode.Prefer);
        choices.IsSaidToPrefer(Peer);
        Assert.That(choices.Encrypts(Peer, isUrgent, out var mayTryOther), Is.True);
        Assert.That(mayTryOther, Is.True);

        choices.Worked(Peer, wasEncrypted: false);
        choices.IsSaidToPrefer(Peer);

        Assert.That(choices.Encrypts(Peer, isUrgent, out mayTryOther), Is.False);
        Assert.That(mayTryOther, Is.False);
    }

    [Test]
    public void Who_refused_both_ways_gets_one_of_them_each_time_in_turn()
    {
        var choices = new EncryptionChoices(EncryptionMode.Prefer);
        choices.Failed(Peer, wasEncrypted: true);
        choices.Failed(Peer, wasEncrypted: false);

        foreach (var expected in new[] { true, false, true })
        {
            Assert.That(choices.Encrypts(Peer, isUrgent: true, out var mayTryOther), Is.EqualTo(expected));
            Assert.That(mayTryOther, Is.False);
            choices.Failed(Peer, expected);
        }
    }

    [Test]
    public void Not_more_than_a_limit_is_remembered()
    {
        var choices = new EncryptionChoices(EncryptionMode.Prefer);
        for (var i = 0; i <= EncryptionChoices.Most; i++)
        {
            choices.Worked(new PeerEndPoint(new IPAddress([10, 1, (byte)(i >> 8), (byte)i]), 1), wasEncrypted: false);
        }

        choices.Encrypts(new PeerEndPoint(new IPAddress([10, 1, 0, 0]), 1), isUrgent: false, out var mayTryOther);
        Assert.That(mayTryOther, Is.True, "forgotten");
        choices.Encrypts(new PeerEndPoint(new IPAddress([10, 1, 16, 0]), 1), isUrgent: false, out mayTryOther);
        Assert.That(mayTryOther, Is.False, "the last one");
    }
}
