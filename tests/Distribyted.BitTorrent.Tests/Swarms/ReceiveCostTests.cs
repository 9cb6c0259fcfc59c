using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.BitTorrent.Transport;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class ReceiveCostTests
{
    private const int Blocks = 256;
    private const int Warmup = 128;
    private const int Measured = 100;

    [Test]
    public async Task A_block_allocates_nothing_in_the_swarm()
    {
        var content = new TestContent(Blocks * PieceLayout.BlockLength, Blocks * PieceLayout.BlockLength);
        var options = new BitTorrentOptions();
        using var pieces = new PiecesInMemory { Opening = static piece => new PieceOpening(new CountedPiece(piece, Blocks)) };
        using var services = new SwarmServices(
            options.Swarm,
            options.Transport,
            options.Cache,
            new MonotonicClock(TimeProvider.System),
            NullLogger.Instance,
            new AddressGuard(options.Transport, [])
        );
        var torrent = TestTorrent.Of(new TorrentSource(content.Info.InfoHash, "content", [], []), hasMetadata: true);
        await using var swarm = new Swarm(torrent, services);
        swarm.UseMetadata(content.Info, _ => pieces);
        await using var reader = swarm.Readers.TryOpen(0, content.Bytes.Length, 0, content.Bytes.Length, "test");
        var wire = new RequestedBlocks();
        using var connection = new PeerConnection(
            swarm,
            services.Peers,
            wire,
            new Handshake(swarm.InfoHash, PeerId.CreateRandom(), 0x100004),
            isOutgoing: true,
            rtt: 1000
        );
        swarm.Join(connection.Peer);

        var allocated = Serve(swarm, connection.Peer, wire, content);

        Assert.That(allocated.Count(static bytes => bytes > 0), Is.LessThanOrEqualTo(2), "only a table that grows allocates");
    }

    /// <summary>Answers requests as a seeder does. Bytes that were allocated for each batch of blocks that is measured.</summary>
    private static List<long> Serve(IPeerOwner swarm, Peer peer, RequestedBlocks wire, TestContent content)
    {
        var claims = new BlockClaims(8);
        var batch = new byte[128 * 1024];
        var length = PeerMessageWriter.WriteHaveAll(batch);
        length += PeerMessageWriter.WriteUnchoke(batch.AsSpan(length));
        swarm.Received(peer, batch.AsSpan(0, length), claims);
        var allocated = new List<long>(Measured);
        for (var served = 0; served < Warmup + Measured; )
        {
            length = 0;
            var count = 0;
            for (; count < 7 && wire.TryTake(out var request); count++)
            {
                length += PeerMessageWriter.WritePieceHeader(batch.AsSpan(length), request.Piece, request.Offset, request.Length);
                content.Bytes.AsSpan(request.Offset, request.Length).CopyTo(batch.AsSpan(length));
                length += request.Length;
            }

            Assert.That(count, Is.Positive, "more is wanted");
            var before = GC.GetAllocatedBytesForCurrentThread();
            swarm.Received(peer, batch.AsSpan(0, length), claims);
            claims.Clear();
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (served >= Warmup)
            {
                allocated.Add(bytes);
            }

            served += count;
        }

        Assert.That(allocated, Has.Count.GreaterThan(10));
        Assert.That(peer.Downloaded, Is.GreaterThanOrEqualTo((Warmup + Measured) * PieceLayout.BlockLength));
        return allocated;
    }

    /// <summary>A connection whose other end only keeps what was requested of it.</summary>
    private sealed class RequestedBlocks : IPeerTransport
    {
        private readonly Queue<UploadRequest> _requests = new(2 * Blocks);

        public PeerEndPoint Remote => new(IPAddress.Loopback, 20_000);

        public int Unread => 0;

        public bool TryTake(out UploadRequest request)
        {
            return _requests.TryDequeue(out request);
        }

        public ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
        {
            var bytes = buffer.Span;
            while (PeerMessageReader.TryRead(bytes, out var message, out var length))
            {
                bytes = bytes[length..];
                if (message.Kind == PeerMessageKind.Request)
                {
                    _requests.Enqueue(new UploadRequest(message.Piece, message.Offset, message.Length));
                }
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            return new ValueTask<int>(0);
        }

        public void Expect(int bytes) { }

        public void EndUnlessAcknowledgedWithin(TimeSpan time) { }

        public void AbortOnDispose() { }

        public void Dispose() { }
    }
}
