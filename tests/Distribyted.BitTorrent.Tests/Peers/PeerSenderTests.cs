using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Transport;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Peers;

internal sealed class PeerSenderTests
{
    private const int Limit = 1_000_000; // bytes per second: one byte takes a microsecond
    private const int Burst = Limit / 10;

    [TestCase(500, 0, 1, Description = "a delay counts whole milliseconds")]
    [TestCase(1_000, 0, 1)]
    [TestCase(2_500, 2, 3)]
    [CancelAfter(60_000)]
    public async Task A_block_waits_for_the_upload_limit(int microseconds, int before, int after, CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        var services = new PeerServices(new TransportOptions(), new MonotonicClock(time), NullLogger.Instance, 1, Limit);
        var owner = new Owner();
        using var wire = new NoWire(new PeerEndPoint(IPAddress.Loopback, 20_000));
        using var connection = new PeerConnection(
            owner,
            services,
            wire,
            new Handshake(owner.InfoHash, PeerId.CreateRandom()),
            isOutgoing: false,
            0
        );
        services.Upload.Take(Burst + microseconds - 1);

        connection.Peer.Outbox.Enqueue(new UploadRequest(0, 0, 1000));
        connection.Flush();

        time.Advance(TimeSpan.FromMilliseconds(before));
        Assert.That(owner.Uploaded, Is.Zero);
        time.Advance(TimeSpan.FromMilliseconds(after - before));
        await Waiting.UntilAsync(() => owner.Uploaded == 1000, () => $"{owner.Uploaded} bytes", cancellationToken);
    }

    /// <summary>Has every block.</summary>
    private sealed class Owner : IPeerOwner
    {
        private long _uploaded;

        public long Uploaded => Interlocked.Read(ref _uploaded);

        public InfoHash InfoHash { get; } = InfoHash.Compute([]);

        public SwarmShare Share { get; } = new(static () => { }, static () => { });

        public bool UsesDht => false;

        public void IsReached(PeerEndPoint peer) { }

        public DialOutcome Join(Peer peer)
        {
            return DialOutcome.Joined;
        }

        public void DialEnded(PeerEndPoint peer, DialOutcome outcome) { }

        public int Received(Peer peer, ReadOnlySpan<byte> bytes, BlockClaims claims)
        {
            return 0;
        }

        public void ReceivedBlocks(Peer peer, ReadOnlySpan<BlockRef> blocks, ReadOnlySpan<byte> bytes, BlockClaims claims) { }

        public void Left(Peer peer, string reason) { }

        public ValueTask<bool> ReadBlockAsync(UploadRequest request, Memory<byte> destination, CancellationToken cancellationToken)
        {
            return ValueTask.FromResult(true);
        }

        public void CannotGive(Peer peer, UploadRequest request) { }

        public void CountUpload(long bytes)
        {
            Interlocked.Add(ref _uploaded, bytes);
        }
    }
}
