using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport.Tests.Utp;

/// <summary>A datagram port without a network: a test says what arrives and sees what is sent.</summary>
internal sealed class RecordedPort : IDatagramPort
{
    private DatagramReceiver? _receiver;
    private Action? _drained;

    public List<(byte[] Packet, PeerEndPoint To)> Sent { get; } = [];

    public int Port => 1;

    public bool Has(AddressFamily family)
    {
        return true;
    }

    public bool TrySend(ReadOnlySpan<byte> datagram, PeerEndPoint to)
    {
        Sent.Add((datagram.ToArray(), to));
        return true;
    }

    public void Register(DatagramReceiver receiver)
    {
        _receiver = receiver;
    }

    public void RegisterDrained(Action drained)
    {
        _drained = drained;
    }

    public bool Receive(ReadOnlySpan<byte> datagram, PeerEndPoint from)
    {
        return _receiver!(datagram, from);
    }

    public void Drain()
    {
        _drained!();
    }

    public void Reset()
    {
        Sent.Clear();
    }
}
