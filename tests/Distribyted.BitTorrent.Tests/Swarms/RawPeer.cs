using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>A leecher that a test plays by hand: it dials, says what it is told to say, and hands out messages in their order.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[1 << 20];
    private int _length;

    private RawPeer() { }

    /// <summary>Our handshake.</summary>
    public Handshake Theirs { get; private set; }

    /// <summary>Dials and shakes hands. It has no piece.</summary>
    /// <param name="port">Ours.</param>
    /// <param name="hash">The torrent that it names.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="hasDht">Whether it says that it has a DHT node (BEP 5).</param>
    /// <param name="isFast">Whether it speaks BEP 6; false: BEP 3 and nothing more.</param>
    /// <exception cref="IOException">We closed the connection instead of an answer.</exception>
    public static async Task<RawPeer> DialAsync(
        int port,
        InfoHash hash,
        CancellationToken cancellationToken,
        bool isFast = true,
        bool hasDht = false
    )
    {
        var peer = new RawPeer();
        await peer._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        var hello = new byte[Handshake.Length];
        new Handshake(hash, PeerId.CreateRandom(), isFast ? 0x04UL : 0).WithDht(hasDht).Write(hello);
        await peer._socket.SendAsync(hello, cancellationToken);
        while (peer._length < Handshake.Length)
        {
            await peer.ReceiveAsync(cancellationToken);
        }

        Handshake.TryRead(peer._buffer.AsSpan(0, peer._length), out var theirs);
        peer.Theirs = theirs;
        peer.Skip(Handshake.Length);
        if (isFast)
        {
            await peer.SayAsync(static b => PeerMessageWriter.WriteHaveNone(b), cancellationToken);
        }

        return peer;
    }

    public async Task SayAsync(Func<byte[], int> write, CancellationToken cancellationToken)
    {
        var bytes = new byte[64];
        await _socket.SendAsync(bytes.AsMemory(0, write(bytes)), cancellationToken);
    }

    public Task RequestAsync(int piece, int offset, CancellationToken cancellationToken)
    {
        return SayAsync(b => PeerMessageWriter.WriteRequest(b, piece, offset, PieceLayout.BlockLength), cancellationToken);
    }

    /// <summary>The next message.</summary>
    public async Task<(PeerMessageKind Kind, int Piece)> HearAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (PeerMessageReader.TryRead(_buffer.AsSpan(0, _length), out var message, out var consumed))
            {
                var heard = (message.Kind, message.Piece);
                Skip(consumed);
                return heard;
            }

            await ReceiveAsync(cancellationToken);
        }
    }

    /// <summary>Skips messages until one of this kind comes.</summary>
    public async Task HearAsync(PeerMessageKind kind, CancellationToken cancellationToken)
    {
        while ((await HearAsync(cancellationToken)).Kind != kind) { }
    }

    public void Dispose()
    {
        _socket.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var count = await _socket.ReceiveAsync(_buffer.AsMemory(_length), cancellationToken);
        if (count == 0)
        {
            throw new IOException("The other side closed the connection.");
        }

        _length += count;
    }

    private void Skip(int count)
    {
        _buffer.AsSpan(count, _length - count).CopyTo(_buffer);
        _length -= count;
    }
}
