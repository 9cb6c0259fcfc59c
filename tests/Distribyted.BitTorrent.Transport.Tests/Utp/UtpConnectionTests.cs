using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol.Utp;
using Distribyted.BitTorrent.Transport.Utp;

namespace Distribyted.BitTorrent.Transport.Tests.Utp;

/// <summary>The µTP connection over simulated paths, in virtual time.</summary>
internal sealed class UtpConnectionTests
{
    private const int Second = 1_000_000;

    private static readonly TestCaseData[] Paths =
    [
        new TestCaseData(new SimulatedPath()).SetArgDisplayNames("a good path"),
        new TestCaseData(new SimulatedPath { Delay = 0 }).SetArgDisplayNames("no delay"),
        new TestCaseData(new SimulatedPath { Delay = 150_000 }).SetArgDisplayNames("a long path"),
        new TestCaseData(new SimulatedPath { Loss = 10 }).SetArgDisplayNames("1 % loss"),
        new TestCaseData(new SimulatedPath { Loss = 100 }).SetArgDisplayNames("10 % loss"),
        new TestCaseData(new SimulatedPath { Loss = 300 }).SetArgDisplayNames("30 % loss"),
        new TestCaseData(new SimulatedPath { Jitter = 40_000 }).SetArgDisplayNames("packets overtake one another"),
        new TestCaseData(new SimulatedPath { Twice = 500 }).SetArgDisplayNames("every second packet twice"),
        new TestCaseData(
            new SimulatedPath
            {
                Jitter = 20_000,
                Twice = 100,
                Loss = 50,
            }
        ).SetArgDisplayNames("all of it"),
        new TestCaseData(new SimulatedPath { Mtu = 1252 }).SetArgDisplayNames("short packets only"),
        new TestCaseData(new SimulatedPath { Rate = 200_000, Queue = 20_000 }).SetArgDisplayNames("a slow line with a short queue"),
    ];

    [TestCaseSource(nameof(Paths))]
    public void What_is_written_arrives_whole_and_the_end_after_it(object path)
    {
        var simulation = new Simulation(new SimulatedPath(), nearSequence: 65_500, farSequence: 65_530).Open(); // numbers wrap
        simulation.There = simulation.Back = (SimulatedPath)path;
        var bytes = Bytes(700_000);

        var (received, _) = simulation.Transfer(bytes, 600);
        simulation.Near.Finish(simulation.Now);
        simulation.Far!.Finish(simulation.Now);

        Assert.That(received.AsSpan().SequenceEqual(bytes), Is.True, $"{received.Length} bytes, {simulation.Near.Failure}");
        Assert.That(simulation.Run(() => simulation.Near.IsDone && simulation.Far.IsDone && simulation.Far.HasPeerEnded, 30), Is.True);
    }

    [TestCase(5, 50, 550_000)]
    [TestCase(0, 50, 11_000_000)]
    [TestCase(0, 1, 100_000_000)]
    public void A_path_is_used(double lossPerMille, int roundTrip, double leastBytesPerSecond)
    {
        var path = new SimulatedPath { Delay = roundTrip * 500, Loss = lossPerMille };
        var simulation = new Simulation(path, path with { Loss = 0 }) { Records = false }.Open();
        var bytes = Bytes(20_000_000);

        var (received, seconds) = simulation.Transfer(bytes, 100);

        Assert.That(received.AsSpan().SequenceEqual(bytes), Is.True);
        Assert.That(bytes.Length / seconds, Is.GreaterThan(leastBytesPerSecond));
    }

    /// <summary>So they do on a busy machine, and over links that send in bursts. Which of them is processed first must not matter.</summary>
    [Test]
    public void A_path_is_used_although_acknowledgements_arrive_several_at_once()
    {
        var path = new SimulatedPath
        {
            Delay = 25_000,
            Loss = 5,
            Rate = 10_000_000,
        };
        var simulation = new Simulation(path, new SimulatedPath { Delay = 25_000, Every = 10_000 }) { Records = false }.Open();
        var bytes = Bytes(20_000_000);

        var (received, seconds) = simulation.Transfer(bytes, 100);

        Assert.That(received.AsSpan().SequenceEqual(bytes), Is.True);
        Assert.That(bytes.Length / seconds, Is.GreaterThan(450_000));
    }

    [Test]
    public void A_line_is_filled_and_its_queue_stays_at_the_target()
    {
        var path = new SimulatedPath { Delay = 25_000, Rate = 1_000_000 };
        var simulation = new Simulation(path, new SimulatedPath { Delay = 25_000 }) { Records = false }.Open();
        simulation.Transfer(Bytes(10_000_000), 100);

        var (received, seconds) = simulation.Transfer(Bytes(20_000_000), 100);

        Assert.That(received, Has.Length.EqualTo(20_000_000));
        Assert.That(20_000_000 / seconds, Is.GreaterThan(900_000));
        Assert.That(simulation.Near.Sender!.QueueingDelay, Is.InRange(60_000, 130_000));
    }

    [Test]
    public void Another_stream_that_fills_the_queue_gets_the_line_within_seconds_and_leaves_it_again()
    {
        var path = new SimulatedPath { Delay = 12_500, Rate = 2_500_000 };
        var simulation = new Simulation(path, new SimulatedPath { Delay = 12_500 }) { Records = false }.Open();
        simulation.Transfer(Bytes(20_000_000), 100);
        var before = simulation.Near.Sender!.Window;

        simulation.There = path with { Delay = 312_500 };
        simulation.Transfer(Bytes(20_000_000), 4);
        var beside = simulation.Near.Sender.Window;
        simulation.There = path;
        simulation.Transfer(Bytes(20_000_000), 5);

        Assert.That(before, Is.GreaterThan(250_000), "what the line and a queue of the target hold");
        Assert.That(beside, Is.LessThan(10_000));
        Assert.That(simulation.Near.Sender.Window, Is.GreaterThan(100_000));
    }

    [Test]
    public void A_lost_packet_is_repeated_within_a_round_trip_and_costs_the_window_once()
    {
        var dropped = 0;
        var path = new SimulatedPath { Delay = 25_000, Drops = p => IsData(p) && p.Length > 1000 && ++dropped is 5 or 6 or 8 };
        var simulation = new Simulation(path, new SimulatedPath { Delay = 25_000 }).Open();
        var window = simulation.Near.Sender!.Window;

        var (received, seconds) = simulation.Transfer(Bytes(12_000), 10);

        Assert.That(received, Has.Length.EqualTo(12_000));
        Assert.That(seconds, Is.LessThan(0.13), "one way, a gap told of, one way");
        Assert.That(simulation.Near.Sender.Window, Is.GreaterThanOrEqualTo(window / 2 - 100));
    }

    [Test]
    public void The_last_packet_is_repeated_before_the_timeout()
    {
        var dropped = 0;
        var path = new SimulatedPath { Delay = 10_000, Drops = p => IsData(p) && ++dropped == 2 };
        var simulation = new Simulation(path, new SimulatedPath { Delay = 10_000 }).Open();

        var (received, seconds) = simulation.Transfer(Bytes(100), 10);

        Assert.That(received, Has.Length.EqualTo(100));
        Assert.That(seconds, Is.LessThan(0.2));
    }

    [Test]
    public void Without_an_answer_it_waits_twice_as_long_each_time_and_ends()
    {
        var simulation = new Simulation(new SimulatedPath()).Open();
        simulation.There = simulation.There with { Loss = 1000 };
        simulation.Sent.Clear();
        var started = simulation.Now;

        simulation.Near.Write(Bytes(100), simulation.Now);
        simulation.Run(() => simulation.Near.Failure is not null, 100);

        var at = simulation.Sent.Where(s => s.IsNear && IsData(s.Packet)).Select(s => (s.At - started) / 1e6).ToList();
        Assert.That(simulation.Near.Failure, Is.EqualTo(SocketError.TimedOut));
        Assert.That(at, Is.EqualTo(new[] { 0, 0.12, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 }).Within(0.05));
    }

    [Test]
    public void A_peer_that_is_not_there_is_given_up_after_three_seconds()
    {
        var simulation = new Simulation(new SimulatedPath { Loss = 1000 });
        var started = simulation.Now;

        simulation.Run(() => simulation.Near.Failure is not null, 100);

        Assert.That(simulation.Near.Failure, Is.EqualTo(SocketError.TimedOut));
        Assert.That(simulation.Now - started, Is.EqualTo(3 * Second));
        Assert.That(simulation.Sent.Select(s => (s.At - started) / 1e6), Is.EqualTo(new[] { 0.0, 1.0 }).Within(0.01));
    }

    [TestCase(1500, 1472)]
    [TestCase(1428, 1428)]
    [TestCase(1240, 1232)]
    public void The_longest_packet_that_passes_is_found_without_a_loss_for_the_window(int mtu, int size)
    {
        var simulation = new Simulation(new SimulatedPath { Mtu = mtu, Delay = 10_000 }).Open();

        var (received, seconds) = simulation.Transfer(Bytes(3_000_000), 20);

        Assert.That(received, Has.Length.EqualTo(3_000_000));
        Assert.That(simulation.Near.Sender!.PacketSize, Is.InRange(size - 16, size));
        Assert.That(simulation.Near.Sender.Timeouts, Is.Zero);
        Assert.That(seconds, Is.LessThan(1));
        Assert.That(simulation.Sent.Where(s => s.IsNear).Max(s => s.Packet.Length), Is.LessThanOrEqualTo(1472));
    }

    [Test]
    public void A_reader_that_does_not_read_closes_the_window_and_costs_no_more_memory()
    {
        var simulation = new Simulation(new SimulatedPath { Delay = 1000 }) { Records = false }.Open();

        simulation.Transfer(Bytes(5_000_000), 50, reads: false);

        Assert.That(simulation.Far!.Readable, Is.InRange((1 << 20) - 1500, 1 << 20));
        Assert.That(simulation.Near.Failure, Is.Null);
    }

    [Test]
    public void A_peer_that_sends_more_than_its_window_behind_a_gap_costs_no_more_memory()
    {
        var receiver = new UtpReceiver(10);
        var payload = Bytes(1452);
        for (ushort sequence = 12; sequence < 11 + UtpLimits.ReorderWindow; sequence++)
        {
            receiver.Received(sequence, payload, isFin: false);
        }

        Assert.That(receiver.Advertise(), Is.LessThan(1452));
        receiver.Received(11, payload, isFin: false);

        Assert.That(receiver.Readable, Is.InRange((1 << 20) - 1452, (1 << 20) + 1452), "the first packet is taken in any case");
    }

    [Test]
    public void A_window_of_zero_for_ever_ends_the_connection_after_a_minute()
    {
        var simulation = new Simulation(new SimulatedPath { Delay = 1000 }) { Records = false }.Open();

        simulation.Transfer(Bytes(5_000_000), 100, reads: false);

        Assert.That(simulation.Near.Failure, Is.EqualTo(SocketError.TimedOut));
    }

    [Test]
    public void A_window_that_opens_again_is_noticed_although_that_was_lost()
    {
        var simulation = new Simulation(new SimulatedPath { Delay = 1000 }) { Records = false }.Open();
        var bytes = Bytes(3_000_000);
        simulation.Transfer(bytes, 5, reads: false);
        var read = 0;
        var buffer = new byte[bytes.Length];
        simulation.Back = simulation.Back with { Loss = 1000 };
        read += simulation.Far!.Read(buffer);
        simulation.Run(static () => false, 0.01); // what tells of it is lost
        simulation.Back = simulation.Back with { Loss = 0 };

        simulation.Step = () => read += simulation.Far.Read(buffer.AsSpan(read));

        Assert.That(simulation.Run(() => read >= 2_000_000, 40), Is.True);
    }

    [Test]
    public void A_limit_for_acknowledgements_ends_it_in_time()
    {
        var simulation = new Simulation(new SimulatedPath()).Open();
        simulation.There = simulation.There with { Loss = 1000 };
        simulation.Near.LimitAcknowledgement(5 * Second, simulation.Now);
        var started = simulation.Now;

        simulation.Near.Write(Bytes(100), simulation.Now);
        simulation.Run(() => simulation.Near.Failure is not null, 100);

        Assert.That(simulation.Now - started, Is.EqualTo(5 * Second));
    }

    [Test]
    public void Nothing_is_sent_while_idle_but_a_packet_every_29_seconds()
    {
        var simulation = new Simulation(new SimulatedPath()).Open();
        simulation.Run(static () => false, 10);
        simulation.Sent.Clear();

        simulation.Run(static () => false, 290);

        Assert.That(simulation.Sent.Count(s => s.IsNear), Is.EqualTo(10));
        Assert.That(simulation.Sent.TrueForAll(s => s.Packet.Length == 20), Is.True);
        Assert.That(simulation.Near.Failure, Is.Null);
    }

    [TestCase(1)]
    [TestCase(1000)]
    [TestCase(30_000)]
    public void An_acknowledgement_of_what_was_never_sent_is_not_believed(int ahead)
    {
        var simulation = new Simulation(new SimulatedPath()).Open();
        simulation.Near.Write(Bytes(5000), simulation.Now);
        simulation.Flush();
        var next = simulation.Near.Sender!.Next;

        simulation.Arrive(false, ToNear(simulation, UtpPacketType.State, UtpSequence.Add(next, ahead - 1)));

        Assert.That(simulation.Near.Failure, Is.Null);
        Assert.That(simulation.Near.Sender.WaitsSince, Is.Not.EqualTo(long.MaxValue));
        Assert.That(simulation.Transfer(Bytes(5000), 10).Received, Has.Length.EqualTo(5000), "it goes on");
    }

    [Test]
    public void A_selective_acknowledgement_of_what_was_never_sent_is_not_believed()
    {
        var simulation = new Simulation(new SimulatedPath()).Open();
        var bytes = Bytes(200_000);
        var mask = new byte[128];
        mask.AsSpan().Fill(0xFF);
        var packet = new byte[200];
        simulation.Near.Write(bytes.AsSpan(0, 5000), simulation.Now);
        simulation.Flush();
        var header = Header(simulation, UtpPacketType.State, UtpSequence.Add(simulation.Near.Sender!.Next, -1), 0);
        var length = UtpPacket.Write(packet, header, mask);

        simulation.Arrive(false, packet[..length]);

        Assert.That(simulation.Near.Sender.InFlight, Is.Zero, "what was sent is acknowledged");
        Assert.That(simulation.Run(() => simulation.Far!.Readable == 5000, 1), Is.True);
        simulation.Far!.Read(new byte[5000]);
        Assert.That(simulation.Transfer(bytes, 10).Received, Is.EqualTo(bytes), "it goes on");
    }

    [TestCase(0, 0, true)]
    [TestCase(1100, 0, false)]
    [TestCase(-1100, 0, false)]
    [TestCase(30_000, 0, false)]
    [TestCase(0, 1, false)]
    [TestCase(0, -1100, false)]
    public void Who_does_not_see_the_connection_has_to_guess_both_numbers(int sequence, int acknowledged, bool isBelieved)
    {
        var simulation = new Simulation(new SimulatedPath()).Open();
        var header = Header(simulation, UtpPacketType.Data, UtpSequence.Add(simulation.Near.Sender!.Next, acknowledged - 1), sequence);
        var packet = new byte[30];
        UtpPacket.Write(packet, header);
        simulation.Sent.Clear();

        simulation.Arrive(false, packet);
        simulation.Flush();

        Assert.That(simulation.Near.Readable, Is.EqualTo(isBelieved ? 10 : 0));
        Assert.That(simulation.Sent, Has.Count.EqualTo(isBelieved ? 1 : 0), "a packet that is not believed is not answered");
    }

    [Test]
    public void What_comes_after_the_end_is_not_read()
    {
        var simulation = new Simulation(new SimulatedPath()).Open();
        var packet = new byte[30];
        UtpPacket.Write(packet, Header(simulation, UtpPacketType.Data, UtpSequence.Add(simulation.Near.Sender!.Next, -1), 1));
        simulation.Arrive(false, packet);
        UtpPacket.Write(packet, Header(simulation, UtpPacketType.Fin, UtpSequence.Add(simulation.Near.Sender!.Next, -1), 0));

        simulation.Arrive(false, packet[..20]);

        Assert.That(simulation.Near.HasPeerEnded, Is.True);
        Assert.That(simulation.Near.Readable, Is.Zero);
    }

    [TestCase(-5000, false)]
    [TestCase(200, false)]
    [TestCase(-1, true)]
    public void A_reset_has_to_know_a_packet_of_ours(int offset, bool isBelieved)
    {
        var simulation = new Simulation(new SimulatedPath()).Open();

        simulation.Arrive(false, ToNear(simulation, UtpPacketType.Reset, UtpSequence.Add(simulation.Near.Sender!.Next, offset)));

        Assert.That(simulation.Near.Failure, Is.EqualTo(isBelieved ? SocketError.ConnectionReset : null));
    }

    [Test]
    public void All_packets_of_a_transfer_played_again_change_nothing()
    {
        var simulation = new Simulation(new SimulatedPath()).Open();
        simulation.Transfer(Bytes(100_000), 10);
        var before = simulation.Sent.Where(s => s.IsNear).Select(s => s.Packet).ToList();

        foreach (var packet in before)
        {
            simulation.Arrive(true, packet);
        }

        Assert.That(simulation.Far!.Readable, Is.Zero);
        Assert.That(simulation.Far.Failure, Is.Null);
        Assert.That(simulation.Transfer(Bytes(5000), 10).Received, Is.EqualTo(Bytes(5000)));
    }

    [Test]
    public void Random_packets_with_the_right_id_break_nothing_and_cost_no_memory()
    {
        var random = new Random(5);
        var simulation = new Simulation(new SimulatedPath()) { Records = false }.Open();
        var packet = new byte[1400];
        for (var i = 0; i < 50_000; i++)
        {
            random.NextBytes(packet.AsSpan(0, 60));
            packet[0] = (byte)((random.Next(3) << 4) | 1);
            packet[1] = 0;
            packet[16] = (byte)(5000 >> 8); // near the expected number
            packet[18] = (byte)(100 >> 8);
            simulation.Arrive(false, packet[..random.Next(20, 1400)]);
            simulation.Near.Due(simulation.Now);
            simulation.Flush();
        }

        Assert.That(simulation.Near.Readable, Is.LessThanOrEqualTo(1 << 20));
    }

    [Test]
    public void The_steady_path_allocates_nothing()
    {
        var near = UtpConnection.Dial(7, 100, isIPv6: false, 0);
        var packet = new byte[1500];
        near.TryTake(packet, 0, out _);
        var far = UtpConnection.Accept(7, 100, 5000, 1 << 20, isIPv6: false, 0);
        UtpPacket.Write(packet, new UtpHeader(UtpPacketType.State, 7, 0, 1, 1 << 20, 5000, 100));
        UtpPacket.TryRead(packet.AsSpan(0, 20), out var answer);
        near.Received(answer, 0);
        var bytes = new byte[16_384];
        var now = 0L;
        for (var i = 0; i < 100; i++)
        {
            Exchange(near, far, bytes, packet, now += 1000);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Exchange(near, far, bytes, packet, now += 1000);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static void Exchange(UtpConnection near, UtpConnection far, byte[] bytes, byte[] packet, long now)
    {
        near.Write(bytes, now);
        bool isBusy;
        do
        {
            isBusy = false;
            while (near.TryTake(packet, now, out var length))
            {
                UtpPacket.TryRead(packet.AsSpan(0, length), out var sent);
                far.Received(sent, now);
                isBusy = true;
            }

            while (far.TryTake(packet, now, out var length))
            {
                UtpPacket.TryRead(packet.AsSpan(0, length), out var sent);
                near.Received(sent, now);
                isBusy = true;
            }
        } while (isBusy);

        far.Read(bytes);
    }

    private static byte[] ToNear(Simulation simulation, UtpPacketType type, ushort acknowledged)
    {
        var packet = new byte[UtpHeader.Length];
        UtpPacket.Write(packet, Header(simulation, type, acknowledged, 0));
        return packet;
    }

    /// <summary>Of a packet for the near side.</summary>
    /// <param name="simulation">Its connections.</param>
    /// <param name="type">Of the packet.</param>
    /// <param name="acknowledged">A number of the near side.</param>
    /// <param name="ahead">How far its number is from the next one of the far side.</param>
    private static UtpHeader Header(Simulation simulation, UtpPacketType type, ushort acknowledged, int ahead)
    {
        var sequence = UtpSequence.Add(simulation.Far!.Sender!.Next, ahead);
        return new UtpHeader(type, simulation.Near.ReceiveId, 0, 1, 1 << 20, sequence, acknowledged);
    }

    private static bool IsData(byte[] packet)
    {
        return packet[0] >> 4 == (int)UtpPacketType.Data;
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
