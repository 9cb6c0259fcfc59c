using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class UnfinishedHandshakesTests
{
    private const int Most = UnfinishedHandshakes.Most;
    private const int MostPerClient = UnfinishedHandshakes.MostPerClient;

    private UnfinishedHandshakes _handshakes = null!;

    [SetUp]
    public void Empty()
    {
        _handshakes = new UnfinishedHandshakes();
    }

    [TestCase("203.0.113.7", "203.0.113.7", TestName = "One_IPv4_address_pushes_out_its_own_oldest")]
    [TestCase("2001:db8::1", "2001:db8::2", TestName = "One_IPv6_network_of_64_bits_pushes_out_its_own_oldest")]
    public void One_client_pushes_out_its_own_oldest(string first, string other)
    {
        var sockets = Enumerable.Range(0, MostPerClient).Select(_ => Add(first)).ToList();
        var bystander = Add("198.51.100.1");
        Assert.That(sockets.Exists(static s => s.IsClosed), Is.False);

        Add(other);

        Assert.That(sockets.FindAll(static s => s.IsClosed), Is.EqualTo(sockets[..1]));
        Assert.That(bystander.IsClosed, Is.False);
    }

    [Test]
    public void Another_IPv6_network_counts_for_itself()
    {
        var sockets = Enumerable.Range(0, MostPerClient).Select(_ => Add("2001:db8::1")).ToList();

        Add("2001:db8:0:1::1");

        Assert.That(sockets.Exists(static s => s.IsClosed), Is.False);
    }

    [Test]
    public void With_too_many_in_all_the_oldest_of_the_client_with_most_goes()
    {
        var honest = Add("127.0.0.2");
        var silent = Enumerable.Range(1, Most - 1).Select(_ => Add("127.0.0.1")).ToList();
        Assert.That(_handshakes.Count, Is.EqualTo(Most));

        var last = Add("127.0.0.3");

        Assert.That(silent.FindAll(static s => s.IsClosed), Is.EqualTo(silent[..1]));
        Assert.That(honest.IsClosed || last.IsClosed, Is.False);
        Assert.That(_handshakes.Count, Is.EqualTo(Most));
    }

    [Test]
    public void A_handshake_that_is_done_frees_its_place()
    {
        var entries = Enumerable
            .Range(0, MostPerClient)
            .Select(_ => _handshakes.Add(new PeerEndPoint(IPAddress.Parse("203.0.113.7"), 1), new Socket()))
            .ToList();

        _handshakes.Remove(entries[3]);
        Add("203.0.113.7");

        Assert.That(entries.Exists(static e => ((Socket)e.Socket).IsClosed), Is.False);
    }

    private Socket Add(string address)
    {
        var socket = new Socket();
        _handshakes.Add(new PeerEndPoint(IPAddress.Parse(address), 40_000), socket);
        return socket;
    }

    private sealed class Socket : IDisposable
    {
        public bool IsClosed { get; private set; }

        public void Dispose()
        {
            IsClosed = true;
        }
    }
}
