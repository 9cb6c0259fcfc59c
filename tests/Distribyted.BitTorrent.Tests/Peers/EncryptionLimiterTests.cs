using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class EncryptionLimiterTests
{
    private const int Most = EncryptionLimiter.Most;
    private const int MostPerClient = EncryptionLimiter.MostPerClient;

    private EncryptionLimiter _limiter = null!;

    [SetUp]
    public void Start()
    {
        _limiter = new EncryptionLimiter();
    }

    [TestCase("203.0.113.7", "203.0.113.7")]
    [TestCase("2001:db8::1", "2001:db8::2")]
    public void A_client_has_a_limit_and_uses_up_nothing_of_others(string first, string other)
    {
        Assert.That(Enumerable.Range(0, MostPerClient).All(i => Passes(first, 0, 1000 + i)), Is.True);

        Assert.That(Enumerable.Range(0, 1000).Any(i => Passes(other, 0, 3000 + i)), Is.False);

        Assert.That(Passes("198.51.100.1", 0), Is.True);
        Assert.That(Passes(other, EncryptionLimiter.ClientWindow - 1), Is.False);
        Assert.That(Passes(other, EncryptionLimiter.ClientWindow), Is.True);
    }

    [Test]
    public void All_clients_together_have_a_limit()
    {
        Assert.That(Enumerable.Range(0, Most).All(i => Passes($"203.0.{i}.1", 0)), Is.True);

        Assert.That(Passes("198.51.100.1", MonotonicClock.Second - 1), Is.False);
        Assert.That(Passes("198.51.100.1", MonotonicClock.Second), Is.True);
    }

    private bool Passes(string address, long now, int port = 6881)
    {
        return _limiter.TryPass(new PeerEndPoint(IPAddress.Parse(address), (ushort)port), now);
    }
}
