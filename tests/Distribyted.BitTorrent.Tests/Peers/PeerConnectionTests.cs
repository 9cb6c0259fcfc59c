using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Transport;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Peers;

[TestFixture, CancelAfter(60_000)]
internal sealed class PeerConnectionTests
{
    private const int PeerFailed = 1096;

    [TestCase(true)]
    [TestCase(false)]
    public async Task An_unexpected_error_closes_the_connection_and_is_logged(bool sends, CancellationToken cancellationToken)
    {
        var log = new RecordingLog();
        var services = new PeerServices(
            new TransportOptions(),
            new MonotonicClock(TimeProvider.System),
            log.CreateLogger("test"),
            maxHalfOpen: 64,
            uploadLimit: 0
        );
        var owner = new RecordedOwner();
        var wire = new FaultyWire(sends);
        var peer = new PeerConnection(owner, services, wire, new Handshake(owner.InfoHash, PeerId.CreateRandom()), isOutgoing: false, 0);
        if (sends)
        {
            peer.Peer.Outbox.Append([0, 0, 0, 0]);
            peer.Flush();
        }
        else
        {
            await peer.RunAsync(default);
            Assert.That(owner.Gone, Is.EqualTo(new[] { (peer.Peer, "for the test") }));
        }

        await log.WaitForAsync(PeerFailed, cancellationToken);
        await wire.Closed.WaitAsync(cancellationToken);
        Assert.That(peer.IsClosed);
    }

    private sealed class FaultyWire(bool sends) : IPeerTransport
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Closed => _closed.Task;

        public PeerEndPoint Remote => new(IPAddress.Loopback, 20_000);

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            return sends ? new ValueTask<int>(0) : throw new InvalidOperationException("for the test");
        }

        public int Unread => 0;

        public void Expect(int bytes) { }

        public void EndUnlessAcknowledgedWithin(TimeSpan time) { }

        public void AbortOnDispose() { }

        public ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
        {
            throw new InvalidOperationException("for the test");
        }

        public void Dispose()
        {
            _closed.TrySetResult();
        }
    }
}
