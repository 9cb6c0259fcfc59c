using Distribyted.BitTorrent.Protocol.Utp;
using Distribyted.BitTorrent.Transport.Utp;

namespace Distribyted.BitTorrent.Transport.Tests.Utp;

/// <summary>Two connections and a path between them, in virtual time. The near one has dialled.</summary>
internal sealed class Simulation
{
    private readonly PriorityQueue<(bool ToFar, byte[] Packet), (long At, long Order)> _onTheWay = new();
    private readonly Random _random;
    private readonly byte[] _buffer = new byte[2000];
    private readonly long[] _lineFreeAt = new long[2];
    private readonly ushort _farSequence;
    private long _order;
    private (ushort Id, ushort Sequence)? _syn;

    public Simulation(SimulatedPath there, SimulatedPath? back = null, int seed = 1, ushort nearSequence = 100, ushort farSequence = 5000)
    {
        There = there;
        Back = back ?? there;
        _random = new Random(seed);
        _farSequence = farSequence;
        Near = UtpConnection.Dial(77, nearSequence, isIPv6: false, Now);
    }

    public SimulatedPath There { get; set; }

    public SimulatedPath Back { get; set; }

    public long Now { get; private set; } = 1_000_000;

    public UtpConnection Near { get; }

    public UtpConnection? Far { get; private set; }

    /// <summary>Packets that were sent: who did, when, and it.</summary>
    public List<(bool IsNear, long At, byte[] Packet)> Sent { get; } = [];

    /// <summary>Whether <see cref="Sent"/> is written.</summary>
    public bool Records { get; set; } = true;

    /// <summary>Packets that have arrived at either side.</summary>
    public long Arrivals { get; private set; }

    /// <summary>Called after every event.</summary>
    public Action Step { get; set; } = static () => { };

    /// <summary>Runs until the condition holds, or nothing can happen any more, or the time is over.</summary>
    /// <param name="until">The condition.</param>
    /// <param name="seconds">Virtual time.</param>
    public bool Run(Func<bool> until, double seconds)
    {
        var end = Now + (long)(seconds * 1e6);
        Flush();
        while (!until())
        {
            var due = Math.Min(Near.DueAt, Far?.DueAt ?? long.MaxValue);
            var next = _onTheWay.TryPeek(out _, out var first) ? Math.Min(first.At, due) : due;
            if (next > end)
            {
                Now = end;
                return until();
            }

            Now = Math.Max(Now, next);
            if (Near.DueAt <= Now)
            {
                Near.Due(Now);
            }

            if (Far?.DueAt <= Now)
            {
                Far.Due(Now);
            }

            while (_onTheWay.TryPeek(out var arrives, out var at) && at.At <= Now)
            {
                _onTheWay.Dequeue();
                Arrive(arrives.ToFar, arrives.Packet);
            }

            Step();
            Flush();
        }

        return true;
    }

    /// <summary>Runs until both sides are open.</summary>
    public Simulation Open()
    {
        Flush();
        Assert.That(Run(() => Near.IsOpen, 3), Is.True);
        Near.Write("!"u8, Now);
        Assert.That(Run(() => Far?.Readable > 0, 3), Is.True);
        Far!.Read(new byte[1]);
        Assert.That(Run(() => Near.Sender!.WaitsSince == long.MaxValue, 3), Is.True);
        return this;
    }

    /// <summary>Sends bytes from near to far, which reads them at once.</summary>
    /// <returns>What arrived, and virtual seconds.</returns>
    public (byte[] Received, double Seconds) Transfer(byte[] bytes, double seconds, bool reads = true)
    {
        var started = Now;
        var written = 0;
        var received = new byte[bytes.Length];
        var read = 0;
        Step = () =>
        {
            written += Near.Write(bytes.AsSpan(written), Now);
            read += reads && Far is not null ? Far.Read(received.AsSpan(read)) : 0;
        };
        Step();
        Run(() => read == bytes.Length || Near.Failure is not null, seconds);
        Step = static () => { };
        return (received[..read], (Now - started) / 1e6);
    }

    /// <summary>Lets a packet arrive at the near or far side.</summary>
    public void Arrive(bool toFar, byte[] bytes)
    {
        Arrivals++;
        if (!UtpPacket.TryRead(bytes, out var packet))
        {
            return;
        }

        if (!toFar)
        {
            Near.Received(packet, Now);
        }
        else if (Far is not null)
        {
            Far.Received(packet, Now);
        }
        else if (packet.Header.Type == UtpPacketType.Syn)
        {
            _syn = (packet.Header.ConnectionId, packet.Header.Sequence);
            var answer = new byte[UtpHeader.Length];
            UtpPacket.Write(
                answer,
                new UtpHeader(UtpPacketType.State, packet.Header.ConnectionId, (uint)Now, 1, 1 << 20, _farSequence, packet.Header.Sequence)
            );
            Send(false, answer);
        }
        else if (_syn is { } syn && packet.Header.Acknowledged == (ushort)(_farSequence - 1))
        {
            Far = UtpConnection.Accept(syn.Id, syn.Sequence, _farSequence, packet.Header.Window, isIPv6: false, Now);
            Far.Received(packet, Now);
        }
    }

    /// <summary>Sends what both sides have to send.</summary>
    public void Flush()
    {
        while (Near.TryTake(_buffer, Now, out var length))
        {
            Send(true, _buffer[..length]);
        }

        while (Far is not null && Far.TryTake(_buffer, Now, out var length))
        {
            Send(false, _buffer[..length]);
        }
    }

    private void Send(bool isNear, byte[] packet)
    {
        if (Records)
        {
            Sent.Add((isNear, Now, packet));
        }

        var path = isNear ? There : Back;
        if (packet.Length > path.Mtu || path.Drops(packet) || _random.NextDouble() * 1000 < path.Loss)
        {
            return;
        }

        var leaves = Now;
        if (path.Rate > 0)
        {
            ref var free = ref _lineFreeAt[isNear ? 0 : 1];
            if ((free - Now) * path.Rate / 1e6 > path.Queue)
            {
                return;
            }

            free = Math.Max(free, Now) + (long)((packet.Length + 28) / path.Rate * 1e6);
            leaves = free;
        }

        var copies = _random.NextDouble() * 1000 < path.Twice ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var at = leaves + path.Delay + _random.NextInt64(path.Jitter + 1);
            _onTheWay.Enqueue((isNear, packet), (path.Every > 0 ? (at + path.Every - 1) / path.Every * path.Every : at, _order++));
        }
    }
}
