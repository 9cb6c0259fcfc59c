using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Utp;
using Distribyted.BitTorrent.Transport.Utp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Transport.Tests.Utp;

/// <summary>What unknown senders can make the UDP port do: forged, replayed and guessed packets.</summary>
internal sealed class UtpSocketsTests
{
    private static readonly PeerEndPoint Peer = new(IPAddress.Parse("203.0.113.5"), 6881);

    private readonly FakeTimeProvider _time = new();
    private readonly RecordedPort _port = new();
    private readonly List<UtpTransport> _accepted = [];
    private UtpSockets _sockets = null!;

    [SetUp]
    public void Start()
    {
        _port.Reset();
        _accepted.Clear();
        _sockets = new UtpSockets(_port, _time, NullLogger.Instance);
        _sockets.Start(_accepted.Add);
    }

    [TearDown]
    public void Stop()
    {
        _sockets.Dispose();
    }

    [Test]
    public void A_syn_is_answered_with_20_bytes_and_not_remembered()
    {
        for (var i = 0; i < 1000; i++)
        {
            Receive(UtpPacketType.Syn, 700, 30, 0);
        }

        Assert.That(_port.Sent, Has.Count.EqualTo(1000));
        Assert.That(_port.Sent.TrueForAll(static s => s.Packet.Length == UtpHeader.Length && s.To == Peer), Is.True);
        Assert.That(Read(_port.Sent[0].Packet).Type, Is.EqualTo(UtpPacketType.State));
        Assert.That(Read(_port.Sent[0].Packet).ConnectionId, Is.EqualTo(700));
        Assert.That(Read(_port.Sent[0].Packet).Acknowledged, Is.EqualTo(30));
        Assert.That(_sockets.Count, Is.Zero);
        Assert.That(_accepted, Is.Empty);
    }

    [Test]
    public async Task Who_acknowledges_our_number_is_accepted_and_heard()
    {
        var first = Syn(700, 30);

        Receive(UtpPacketType.Data, 701, 31, UtpSequence.Add(first, -1), "hello"u8.ToArray());

        Assert.That(_accepted, Has.Count.EqualTo(1));
        Assert.That(_accepted[0].Remote, Is.EqualTo(Peer));
        var buffer = new byte[16];
        Assert.That(await _accepted[0].ReceiveAsync(buffer, CancellationToken.None), Is.EqualTo(5));
        Assert.That(Read(_port.Sent[^1].Packet).Acknowledged, Is.EqualTo(31));
    }

    [Test]
    public void The_first_packet_may_come_after_the_second()
    {
        var first = Syn(700, 30);

        Receive(UtpPacketType.Data, 701, 32, UtpSequence.Add(first, -1), "world"u8.ToArray());
        Receive(UtpPacketType.Data, 701, 31, UtpSequence.Add(first, -1), "hello "u8.ToArray());

        Assert.That(_accepted, Has.Count.EqualTo(1));
        Assert.That(_accepted[0].Unread, Is.EqualTo(11));
    }

    [Test]
    public void Who_guesses_our_number_is_not_answered()
    {
        var first = Syn(700, 30);
        var answers = _port.Sent.Count;

        for (var guess = 0; guess < 65536; guess++)
        {
            if (guess != UtpSequence.Add(first, -1))
            {
                Receive(UtpPacketType.Data, 701, 31, (ushort)guess, "hello"u8.ToArray());
            }

            if (_sockets.Count > 0)
            {
                _accepted[^1].AbortOnDispose();
                _accepted[^1].Dispose(); // the next guess is not for the same connection
            }
        }

        Assert.That(
            _accepted,
            Has.Count.LessThanOrEqualTo(7),
            "one number for each of four packets that may come first, at two times; the true one was left out"
        );
        Assert.That(_port.Sent.Count - answers, Is.LessThanOrEqualTo(2 * _accepted.Count), "an acknowledgement and a reset for each");
    }

    [Test]
    public void The_answer_to_one_address_is_of_no_use_to_another()
    {
        var first = Syn(700, 30);

        Receive(UtpPacketType.Data, 701, 31, UtpSequence.Add(first, -1), "hello"u8.ToArray(), new PeerEndPoint(Peer.Address, 6882));

        Assert.That(_accepted, Is.Empty);
    }

    [Test]
    public void A_packet_for_a_connection_from_another_address_is_not_for_it()
    {
        var first = Syn(700, 30);
        Receive(UtpPacketType.Data, 701, 31, UtpSequence.Add(first, -1), "hello"u8.ToArray());

        Receive(UtpPacketType.Data, 701, 32, UtpSequence.Add(first, -1), "world"u8.ToArray(), new PeerEndPoint(Peer.Address, 6882));
        Receive(UtpPacketType.Reset, 701, 32, first, from: new PeerEndPoint(Peer.Address, 6882));

        Assert.That(_accepted[0].Unread, Is.EqualTo(5));
        Assert.That(_sockets.Count, Is.EqualTo(1));
    }

    [Test]
    public void An_answer_is_good_for_half_a_minute()
    {
        var first = Syn(700, 30);

        _time.Advance(TimeSpan.FromSeconds(33));
        Receive(UtpPacketType.Data, 701, 31, UtpSequence.Add(first, -1), "hello"u8.ToArray());

        Assert.That(_accepted, Is.Empty);
    }

    [TestCase(UtpPacketType.Data)]
    [TestCase(UtpPacketType.Fin)]
    [TestCase(UtpPacketType.State)]
    [TestCase(UtpPacketType.Reset)]
    public void Packets_of_unknown_connections_are_not_answered(UtpPacketType type)
    {
        for (var i = 0; i < 100; i++)
        {
            Receive(type, (ushort)(i * 7), 31, 7, new byte[100]);
        }

        Assert.That(_port.Sent, Has.Count.LessThanOrEqualTo(2), "by chance: eight numbers of 65536 are right");
        Assert.That(_sockets.Count, Is.LessThanOrEqualTo(2));
    }

    [Test]
    public async Task A_dial_is_answered_only_by_the_address_that_was_dialled()
    {
        var dial = _sockets.ConnectAsync(Peer, CancellationToken.None);
        var syn = Read(_port.Sent.Single().Packet);

        Receive(UtpPacketType.State, syn.ConnectionId, 900, syn.Sequence, from: new PeerEndPoint(Peer.Address, 1));
        Receive(UtpPacketType.State, syn.ConnectionId, 900, UtpSequence.Add(syn.Sequence, 1));
        Assert.That(dial.IsCompleted, Is.False);

        Receive(UtpPacketType.State, syn.ConnectionId, 900, syn.Sequence);
        using var transport = await dial;
        Assert.That(transport.Remote, Is.EqualTo(Peer));
    }

    [Test]
    public async Task A_peer_that_does_not_answer_is_given_up_after_three_seconds_and_forgotten()
    {
        var dial = _sockets.ConnectAsync(Peer, CancellationToken.None);

        for (var i = 0; i < 35; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.That(async () => await dial, Throws.InstanceOf<SocketException>());
        Assert.That(_sockets.Count, Is.Zero);
        Assert.That(_port.Sent, Has.Count.EqualTo(2));
        await Task.CompletedTask;
    }

    [Test]
    public async Task A_dial_that_is_cancelled_is_forgotten()
    {
        using var stop = new CancellationTokenSource();
        var dial = _sockets.ConnectAsync(Peer, stop.Token);

        await stop.CancelAsync();

        Assert.That(async () => await dial, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_sockets.Count, Is.Zero);
    }

    [TestCase(0, false)]
    [TestCase(1, true)]
    [TestCase(2, false)]
    public async Task A_reset_needs_an_id_of_the_connection(int offset, bool isBelieved)
    {
        var dial = _sockets.ConnectAsync(Peer, CancellationToken.None);
        var syn = Read(_port.Sent.Single().Packet);
        Receive(UtpPacketType.State, syn.ConnectionId, 900, syn.Sequence);
        using var transport = await dial;
        var receiving = transport.ReceiveAsync(new byte[10], CancellationToken.None).AsTask();

        // The id of our packets is one more than that of theirs; the packet that is known is the SYN.
        Receive(UtpPacketType.Reset, UtpSequence.Add(syn.ConnectionId, offset == 0 ? 5 : offset), 1, syn.Sequence);

        if (isBelieved)
        {
            Assert.That(async () => await receiving, Throws.InstanceOf<SocketException>());
        }
        else
        {
            Assert.That(_sockets.Count, Is.EqualTo(1));
        }
    }

    [Test]
    public void The_end_of_a_connection_that_is_acknowledged_is_forgotten()
    {
        var first = Syn(700, 30);
        Receive(UtpPacketType.Data, 701, 31, UtpSequence.Add(first, -1), "hello"u8.ToArray());

        _accepted[0].Dispose();

        var fin = Read(_port.Sent[^1].Packet);
        Assert.That(fin.Type, Is.EqualTo(UtpPacketType.Fin));
        Assert.That(_sockets.Count, Is.EqualTo(1));
        Receive(UtpPacketType.State, 701, 32, fin.Sequence);
        Assert.That(_sockets.Count, Is.Zero);
    }

    [Test]
    public void Late_packets_of_a_connection_that_is_over_open_no_other()
    {
        var first = Syn(700, 30);
        Receive(UtpPacketType.Data, 701, 31, UtpSequence.Add(first, -1), "hello"u8.ToArray());
        _accepted[0].Dispose();
        Receive(UtpPacketType.Fin, 701, 32, first);
        Assert.That(_sockets.Count, Is.Zero);

        Receive(UtpPacketType.Fin, 701, 32, first);
        Receive(UtpPacketType.State, 701, 33, first);

        Assert.That(_sockets.Count, Is.Zero);
        Assert.That(_accepted, Has.Count.EqualTo(1));
    }

    [Test]
    public void An_end_that_is_not_acknowledged_is_forgotten_after_15_seconds()
    {
        var first = Syn(700, 30);
        Receive(UtpPacketType.Data, 701, 31, UtpSequence.Add(first, -1), "hello"u8.ToArray());

        _accepted[0].Dispose();
        for (var i = 0; i < 160; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.That(_sockets.Count, Is.Zero);
    }

    [Test]
    public void An_aborted_connection_is_reset_and_forgotten_at_once()
    {
        var first = Syn(700, 30);
        Receive(UtpPacketType.Data, 701, 31, UtpSequence.Add(first, -1), "hello"u8.ToArray());

        _accepted[0].AbortOnDispose();
        _accepted[0].Dispose();

        Assert.That(Read(_port.Sent[^1].Packet).Type, Is.EqualTo(UtpPacketType.Reset));
        Assert.That(_sockets.Count, Is.Zero);
    }

    [Test]
    public void Datagrams_of_others_are_left_to_others()
    {
        Assert.That(_port.Receive("d1:ad2:id20:"u8, Peer), Is.False);
        Assert.That(_port.Receive(new byte[16], Peer), Is.False, "an answer of a tracker");
    }

    private static UtpHeader Read(byte[] bytes)
    {
        Assert.That(UtpPacket.TryRead(bytes, out var packet), Is.True);
        return packet.Header;
    }

    /// <summary>Sends a SYN and returns our first number.</summary>
    private ushort Syn(ushort id, ushort sequence)
    {
        Receive(UtpPacketType.Syn, id, sequence, 0);
        return Read(_port.Sent[^1].Packet).Sequence;
    }

    private void Receive(
        UtpPacketType type,
        ushort id,
        ushort sequence,
        ushort acknowledged,
        byte[]? payload = null,
        PeerEndPoint? from = null
    )
    {
        var packet = new byte[UtpHeader.Length + (payload?.Length ?? 0)];
        UtpPacket.Write(packet, new UtpHeader(type, id, 1, 1, 1 << 20, sequence, acknowledged));
        payload?.CopyTo(packet, UtpHeader.Length);
        _port.Receive(packet, from ?? Peer);
        _port.Drain();
    }
}
