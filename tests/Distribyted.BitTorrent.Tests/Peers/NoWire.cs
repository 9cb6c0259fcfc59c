using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Tests.Peers;

/// <summary>A connection that never carries anything.</summary>
internal sealed class NoWire(PeerEndPoint remote) : IPeerTransport
{
    public PeerEndPoint Remote => remote;

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return 0;
    }

    public int Unread => 0;

    public void Expect(int bytes) { }

    public void EndUnlessAcknowledgedWithin(TimeSpan time) { }

    public void AbortOnDispose() { }

    public ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        return ValueTask.CompletedTask;
    }

    public void Dispose() { }
}
