using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Discovery.Sockets;
using Distribyted.BitTorrent.Discovery.Trackers.Http;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>Announces to a tracker that is a stream in memory: the first announce of a process is half loading of the HTTP client.</summary>
public static class AnnounceWarmUp
{
    private static readonly Uri Tracker = new("http://127.0.0.1:9/announce"); // nothing is sent there

    /// <summary>Does it; nothing leaves this process.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether the tracker has answered.</returns>
    public static async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var transport = new TransportOptions();
        using var names = new HostNames(TimeProvider.System);
        var sockets = new OutgoingSockets(
            transport,
            new AddressGuard(transport, []),
            names,
            TimeProvider.System,
            static (_, _, _) => ValueTask.FromResult<Stream>(new CannedAnswer())
        );
        using var http = new HttpTracker(new DiscoveryOptions(), sockets, TimeProvider.System);
        var request = new AnnounceRequest(default, PeerId.CreateRandom(), 1, 0, 0, 0, AnnounceEvent.Started, 1, 0);
        var answer = await http.AnnounceAsync(Tracker, request, cancellationToken);
        return answer.Peers.Count == 1;
    }

    /// <summary>Takes whatever is written, and reads as an answer with one peer.</summary>
    private sealed class CannedAnswer : Stream
    {
        private readonly MemoryStream _answer = new(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 33\r\nConnection: close\r\n\r\nd8:intervali1800e5:peers6:\u007f\u0000\u0000\u0001\u001a\u0065e"u8.ToArray()
        );

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            return _answer.Read(buffer, offset, count);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            return _answer.ReadAsync(buffer, cancellationToken);
        }

        public override void Write(byte[] buffer, int offset, int count) { }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            return ValueTask.CompletedTask;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin)
        {
            throw new NotSupportedException();
        }

        public override void SetLength(long value)
        {
            throw new NotSupportedException();
        }
    }
}
