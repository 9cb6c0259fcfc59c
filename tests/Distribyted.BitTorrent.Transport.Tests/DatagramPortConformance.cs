using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport.Tests;

/// <summary>What µTP and the DHT rely on in every datagram port. A new port is one more fixture that derives from this.</summary>
internal abstract class DatagramPortConformance
{
    /// <summary>An open port on loopback, which receives; it calls what <paramref name="register"/> registers. Closed by the test's end.</summary>
    protected abstract IDatagramPort Start(Action<IDatagramPort> register);

    [TestCase("127.0.0.1", 0)]
    [TestCase("127.0.0.1", 1)]
    [TestCase("127.0.0.1", 1400)]
    [TestCase("::1", 1)]
    [TestCase("::1", 1400)]
    [CancelAfter(30_000)]
    public async Task A_datagram_arrives_whole_and_says_who_sent_it(string address, int length, CancellationToken cancellationToken)
    {
        var (near, _) = StartListening();
        var (far, heard) = StartListening();
        var sent = new byte[length];
        new Random(length).NextBytes(sent);

        var isSent = near.TrySend(sent, new PeerEndPoint(IPAddress.Parse(address), far.Port));
        var (bytes, from) = await heard.ReadAsync(cancellationToken);

        Assert.That(isSent, Is.True);
        Assert.That(bytes, Is.EqualTo(sent));
        Assert.That(from, Is.EqualTo(new PeerEndPoint(IPAddress.Parse(address), near.Port)));
    }

    [Test, CancelAfter(30_000)]
    public async Task Receivers_are_asked_in_their_order_until_one_takes_the_datagram(CancellationToken cancellationToken)
    {
        var asked = Channel.CreateUnbounded<int>();
        var port = Start(p =>
        {
            p.Register((bytes, _) => asked.Writer.TryWrite(1) && bytes[0] == 1);
            p.Register((bytes, _) => asked.Writer.TryWrite(2) && bytes[0] == 2);
            p.Register((_, _) => asked.Writer.TryWrite(3));
        });
        var self = new PeerEndPoint(IPAddress.Loopback, port.Port);

        port.TrySend([2], self);
        port.TrySend([1], self);
        port.TrySend([9], self);

        List<int> order = [];
        while (order.Count < 6)
        {
            order.Add(await asked.Reader.ReadAsync(cancellationToken));
        }

        Assert.That(order, Is.EqualTo(new[] { 1, 2, 1, 1, 2, 3 }));
    }

    [Test, CancelAfter(30_000)]
    public async Task What_no_socket_receives_at_the_other_end_disturbs_nothing(CancellationToken cancellationToken)
    {
        var (port, heard) = StartListening();
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var unheard = new PeerEndPoint((IPEndPoint)closed.LocalEndPoint!);
        closed.Dispose();

        for (var i = 0; i < 10; i++)
        {
            port.TrySend([0], unheard);
        }

        Assert.That(port.TrySend([7], new PeerEndPoint(IPAddress.Loopback, port.Port)), Is.True);
        Assert.That((await heard.ReadAsync(cancellationToken)).Bytes, Is.EqualTo(new byte[] { 7 }));
    }

    [Test, CancelAfter(30_000)]
    public async Task When_no_datagram_waits_any_more_that_is_said(CancellationToken cancellationToken)
    {
        var events = Channel.CreateUnbounded<string>();
        var port = Start(p =>
        {
            p.Register((_, _) => events.Writer.TryWrite("received"));
            p.RegisterDrained(() => events.Writer.TryWrite("drained"));
        });

        port.TrySend([1], new PeerEndPoint(IPAddress.Loopback, port.Port));

        while (await events.Reader.ReadAsync(cancellationToken) != "received") { }

        Assert.That(await events.Reader.ReadAsync(cancellationToken), Is.EqualTo("drained"));
    }

    [Test]
    public void A_datagram_that_cannot_be_sent_is_dropped()
    {
        var (port, _) = StartListening();

        Assert.That(port.TrySend(new byte[70_000], new PeerEndPoint(IPAddress.Loopback, port.Port)), Is.False);
    }

    [Test]
    public void Sending_allocates_nothing()
    {
        var (port, _) = StartListening();
        var to = new PeerEndPoint(IPAddress.Loopback, 9);
        var bytes = new byte[100];
        port.TrySend(bytes, to);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            port.TrySend(bytes, to);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private (IDatagramPort Port, ChannelReader<(byte[] Bytes, PeerEndPoint From)> Heard) StartListening()
    {
        var heard = Channel.CreateUnbounded<(byte[], PeerEndPoint)>();
        var port = Start(p => p.Register((bytes, from) => heard.Writer.TryWrite((bytes.ToArray(), from))));
        return (port, heard.Reader);
    }
}
