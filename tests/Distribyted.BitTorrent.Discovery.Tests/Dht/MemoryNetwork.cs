using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Dht;

/// <summary>Carries datagrams between ports of this process in the time of a fake clock, with a delay and with loss. Everything happens on the thread of the
/// test, so a run with the same seed is the same run.</summary>
internal sealed class MemoryNetwork(FakeTimeProvider clock, int seed = 1)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private readonly Random _random = new(seed);
    private readonly Dictionary<PeerEndPoint, MemoryPort> _ports = [];
    private readonly PriorityQueue<(byte[] Bytes, PeerEndPoint From, PeerEndPoint To), (DateTimeOffset At, long Order)> _underWay = new();
    private long _order;

    public FakeTimeProvider Clock { get; } = clock;

    /// <summary>Part of the datagrams that are lost, 0 to 1.</summary>
    public double Loss { get; set; }

    /// <summary>How long a datagram takes.</summary>
    public Func<PeerEndPoint, PeerEndPoint, TimeSpan> Delay { get; set; } = static (_, _) => TimeSpan.FromMilliseconds(20);

    /// <summary>Datagrams that were sent.</summary>
    public long Sent { get; private set; }

    public MemoryPort Open(PeerEndPoint endPoint, params PeerEndPoint[] more)
    {
        var port = new MemoryPort(this, [endPoint, .. more]);
        foreach (var own in port.EndPoints)
        {
            _ports.Add(own, port);
        }

        return port;
    }

    /// <summary>Nothing reaches this port any more.</summary>
    public void Close(MemoryPort port)
    {
        foreach (var own in port.EndPoints)
        {
            _ports.Remove(own);
        }
    }

    public void Send(ReadOnlySpan<byte> bytes, PeerEndPoint from, PeerEndPoint to)
    {
        Sent++;
        if (_random.NextDouble() >= Loss)
        {
            _underWay.Enqueue((bytes.ToArray(), from, to), (Clock.GetUtcNow() + Delay(from, to), _order++));
        }
    }

    /// <summary>Moves the clock on, and delivers what is due.</summary>
    public void Advance(TimeSpan time)
    {
        var step = time / 2000 > Step ? time / 2000 : Step;
        for (var end = Clock.GetUtcNow() + time; Clock.GetUtcNow() < end; )
        {
            var left = end - Clock.GetUtcNow();
            Clock.Advance(left < step ? left : step);
            while (_underWay.TryPeek(out var datagram, out var due) && due.At <= Clock.GetUtcNow())
            {
                _underWay.Dequeue();
                if (_ports.TryGetValue(datagram.To, out var port))
                {
                    port.Receive(datagram.Bytes, datagram.From);
                }
            }
        }
    }

    /// <summary>Moves the clock on until something is true.</summary>
    /// <returns>The time that took; null: it did not become true within <paramref name="most"/>.</returns>
    public TimeSpan? AdvanceUntil(Func<bool> condition, TimeSpan most)
    {
        var start = Clock.GetUtcNow();
        while (!condition())
        {
            if (Clock.GetUtcNow() - start >= most)
            {
                return null;
            }

            Advance(Step);
        }

        return Clock.GetUtcNow() - start;
    }
}

/// <summary>A UDP port in a <see cref="MemoryNetwork"/>, with an address of one or of both families.</summary>
internal sealed class MemoryPort(MemoryNetwork network, IReadOnlyList<PeerEndPoint> endPoints) : IDatagramPort
{
    private DatagramReceiver? _receiver;

    public IReadOnlyList<PeerEndPoint> EndPoints { get; } = endPoints;

    public int Port => EndPoints[0].Port;

    public long BytesSent { get; private set; }

    public bool Has(AddressFamily family)
    {
        return EndPoints.Any(own => own.IsIPv6 == (family == AddressFamily.InterNetworkV6));
    }

    public bool TrySend(ReadOnlySpan<byte> datagram, PeerEndPoint to)
    {
        BytesSent += datagram.Length;
        network.Send(datagram, EndPoints.First(own => own.IsIPv6 == to.IsIPv6), to);
        return true;
    }

    public void Register(DatagramReceiver receiver)
    {
        _receiver = receiver;
    }

    public void Receive(byte[] datagram, PeerEndPoint from)
    {
        _receiver?.Invoke(datagram, from);
    }
}
