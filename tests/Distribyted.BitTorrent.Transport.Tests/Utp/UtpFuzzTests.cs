using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Utp;
using Distribyted.BitTorrent.Transport.Utp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Transport.Tests.Utp;

/// <summary>Random packets for connections and for the port. <c>DISTRIBYTED_TESTS_FUZZ</c> sets the number of packets for long runs.</summary>
internal sealed class UtpFuzzTests
{
    private const int LongestPacket = 1472;
    private const int MostInARow = 2 * UtpLimits.MostInFlight;

    private static readonly long? Asked = long.TryParse(Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_FUZZ"), out var n) ? n : null;
    private static readonly uint[] Windows = [0, 1, 1000, 1 << 20, uint.MaxValue];

    private readonly byte[] _buffer = new byte[2000];
    private Random _random = null!;

    [SetUp]
    public void Seed()
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        _random = new Random(seed);
    }

    [Test]
    public void A_connection_stays_sound_whatever_the_peer_sends()
    {
        var believed = 0;
        for (var packets = 0L; packets < (Asked ?? 30_000); )
        {
            var now = 1_000_000L;
            var (connection, theirs) = Accepted(now);
            for (var left = _random.Next(400); left > 0 && connection.Failure is null; left--, packets++)
            {
                var length = Packet(connection.ReceiveId, theirs, connection.Sender!.Next);
                if (UtpPacket.TryRead(_buffer.AsSpan(0, length), out var packet))
                {
                    connection.Received(packet, now);
                }

                OwnerActs(connection, now);
                now = TimePasses(connection, now);
                IsSound(connection, now);
                theirs = (ushort)(connection.Readable > 0 ? theirs + 1 : theirs);
            }

            believed += connection.Readable > 0 ? 1 : 0;
            connection.Release();
        }

        Assert.That(believed, Is.GreaterThan(5), "some packets were near enough to the expected numbers");
    }

    [Test]
    public void What_is_written_arrives_whole_on_any_path()
    {
        for (var packets = 0L; packets < (Asked ?? 10_000); )
        {
            var simulation = new Simulation(Path(), Path(), _random.Next(), (ushort)_random.Next(65_536), (ushort)_random.Next(65_536))
            {
                Records = false,
            };
            simulation.Run(() => simulation.Near.IsOpen || simulation.Near.Failure is not null, 10);
            if (simulation.Near.IsOpen)
            {
                var bytes = new byte[_random.Next(1, 300_000)];
                _random.NextBytes(bytes);
                var (received, _) = simulation.Transfer(bytes, 6000);

                Assert.That(
                    received.AsSpan().SequenceEqual(bytes),
                    Is.True,
                    $"{received.Length} of {bytes.Length}, {simulation.Near.Failure}"
                );
                Assert.That(simulation.Run(() => simulation.Near.Sender!.WaitsSince == long.MaxValue, 600), Is.True);
                Assert.That(simulation.Near.Sender!.InFlight, Is.Zero);
            }

            packets += simulation.Arrivals;
            simulation.Near.Release();
            simulation.Far?.Release();
        }
    }

    [Test]
    public void The_port_stays_sound_whatever_arrives()
    {
        var port = new RecordedPort();
        var time = new FakeTimeProvider();
        var accepted = new Queue<UtpTransport>();
        var closed = 0;
        using var sockets = new UtpSockets(port, time, NullLogger.Instance);
        sockets.Start(accepted.Enqueue);
        UtpHeader syn = default;
        ushort ours = 0;
        for (var packets = 0L; packets < (Asked ?? 20_000); packets++)
        {
            var from = new PeerEndPoint([10, 0, 0, (byte)(_random.Next(8) / 7)], 6881);
            var length = Packet((ushort)(syn.ConnectionId + _random.Next(2)), syn.Sequence, ours);
            port.Reset();
            port.Receive(_buffer.AsSpan(0, length), from);
            Assert.That(port.Sent, Has.Count.LessThanOrEqualTo(1), "no packet has more than one answer before all of them are read");
            if (
                UtpPacket.TryRead(_buffer.AsSpan(0, length), out var packet)
                && packet.Header.Type == UtpPacketType.Syn
                && port.Sent.Count > 0
            )
            {
                UtpPacket.TryRead(port.Sent[0].Packet, out var state);
                (syn, ours) = (packet.Header, state.Header.Sequence);
            }

            port.Drain();
            time.Advance(TimeSpan.FromMilliseconds(_random.Next(40) == 0 ? _random.Next(2000) : 0));
            if (accepted.Count > 3)
            {
                closed++;
                accepted.Dequeue().Dispose();
            }

            Assert.That(sockets.Count, Is.LessThanOrEqualTo(4096));
        }

        Assert.That(closed, Is.Positive, "some senders got as far as a connection");
    }

    private (UtpConnection Connection, ushort Theirs) Accepted(long now)
    {
        var syn = (ushort)_random.Next(65_536);
        return (
            UtpConnection.Accept((ushort)_random.Next(65_536), syn, (ushort)_random.Next(65_536), Any(Windows), isIPv6: false, now),
            syn
        );
    }

    /// <summary>Writes a packet whose numbers are mostly near those that are expected.</summary>
    /// <param name="id">Of the connection.</param>
    /// <param name="theirs">The number of the last packet that came.</param>
    /// <param name="next">The number of our next packet.</param>
    /// <returns>Bytes of it.</returns>
    private int Packet(ushort id, ushort theirs, ushort next)
    {
        var header = new UtpHeader(
            (UtpPacketType)(_random.Next(20) == 0 ? _random.Next(5) : _random.Next(2) * 2),
            id,
            (uint)_random.NextInt64(1L << 32),
            (uint)_random.NextInt64(_random.Next(2) == 0 ? 200_000 : 1L << 32),
            Any(Windows),
            Near(theirs, -3, 40),
            Near(next, -30, 2)
        );
        int length;
        switch (_random.Next(4))
        {
            case 0:
                var mask = new byte[_random.Next(64)];
                _random.NextBytes(mask);
                length = UtpPacket.Write(_buffer, header, mask);
                break;
            case 1:
                length = UtpPacket.WritePadded(_buffer, header, _random.Next(2, 500));
                break;
            default:
                length = UtpPacket.Write(_buffer, header);
                break;
        }

        var payload = header.Type is UtpPacketType.Data && _random.Next(10) > 0 ? _random.Next(1400) : 0;
        if (_random.Next(50) == 0)
        {
            _buffer[_random.Next(length)] = (byte)_random.Next(256);
            return _random.Next(length + 1);
        }

        return Math.Min(length + payload, LongestPacket);
    }

    private void OwnerActs(UtpConnection connection, long now)
    {
        switch (_random.Next(400))
        {
            case < 100:
                connection.Write(_buffer.AsSpan(0, _random.Next(_buffer.Length)), now);
                break;
            case < 150:
                connection.Read(_buffer.AsSpan(0, _random.Next(_buffer.Length)));
                break;
            case 150:
                connection.LimitAcknowledgement(_random.Next(5_000_000), now);
                break;
            case 151:
                connection.Finish(now);
                break;
            case 152:
                connection.Abort();
                break;
            default:
                break;
        }
    }

    private long TimePasses(UtpConnection connection, long now)
    {
        now += _random.Next(3) == 0 ? _random.Next(100_000) : 0;
        if (_random.Next(20) == 0 && connection.DueAt != long.MaxValue)
        {
            now = Math.Max(now, connection.DueAt);
        }

        if (connection.DueAt <= now)
        {
            connection.Due(now);
        }

        return now;
    }

    private void IsSound(UtpConnection connection, long now)
    {
        var taken = 0;
        while (connection.TryTake(_buffer, now, out var length))
        {
            Assert.That(length, Is.InRange(UtpHeader.Length, LongestPacket));
            Assert.That(UtpPacket.TryRead(_buffer.AsSpan(0, length), out _), Is.True);
            Assert.That(++taken, Is.LessThan(MostInARow), "what is sent at once has an end");
            if (_random.Next(100) == 0)
            {
                connection.NotSent(now);
            }
        }

        Assert.That(connection.Readable, Is.LessThanOrEqualTo(2 * UtpLimits.ReceiveBuffer));
        Assert.That(connection.Sender!.InFlight, Is.InRange(0, UtpLimits.SendBuffer + LongestPacket));
        Assert.That(connection.DueAt, Is.GreaterThan(now), "the timer does not spin");
    }

    private SimulatedPath Path()
    {
        return new SimulatedPath
        {
            Delay = _random.Next(200_000),
            Jitter = _random.Next(2) * _random.Next(100_000),
            Loss = _random.Next(2) * _random.Next(200),
            Twice = _random.Next(2) * _random.Next(300),
            Rate = _random.Next(2) * _random.Next(50_000, 5_000_000),
            Queue = _random.Next(10_000, 500_000),
            Mtu = _random.Next(1260, 1500),
        };
    }

    private ushort Near(ushort number, int from, int to)
    {
        return _random.Next(30) == 0 ? (ushort)_random.Next(65_536) : UtpSequence.Add(number, _random.Next(from, to));
    }

    private T Any<T>(T[] values)
    {
        return values[_random.Next(values.Length)];
    }
}
