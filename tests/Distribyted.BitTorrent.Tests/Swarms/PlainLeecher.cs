using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>A client of BEP 3 and nothing more, that asks for what it is told to.</summary>
internal sealed class PlainLeecher : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _have;

    public delegate int Writer(Span<byte> destination);

    public static async Task<PlainLeecher> ConnectAsync(InfoHash torrent, int port, CancellationToken cancellationToken)
    {
        var leecher = new PlainLeecher();
        await leecher._socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        var hello = new byte[Handshake.Length];
        new Handshake(torrent, PeerId.CreateRandom(), 0).Write(hello);
        await leecher._socket.SendAsync(hello, cancellationToken);
        while (leecher._have < Handshake.Length)
        {
            await leecher.ReceiveAsync(cancellationToken);
        }

        leecher.Drop(Handshake.Length);
        return leecher;
    }

    public async Task SendAsync(Writer write, CancellationToken cancellationToken)
    {
        var message = new byte[32];
        await _socket.SendAsync(message.AsMemory(0, write(message)), cancellationToken);
    }

    /// <summary>Reads messages up to one of this kind.</summary>
    public async Task WaitForAsync(PeerMessageKind kind, CancellationToken cancellationToken)
    {
        while (true)
        {
            while (Take() is { } taken)
            {
                if (taken == kind)
                {
                    return;
                }
            }

            await ReceiveAsync(cancellationToken);
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private PeerMessageKind? Take()
    {
        if (!PeerMessageReader.TryRead(_buffer.AsSpan(0, _have), out var message, out var consumed))
        {
            return null;
        }

        var kind = message.Kind;
        Drop(consumed);
        return kind;
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        var count = await _socket.ReceiveAsync(_buffer.AsMemory(_have), cancellationToken);
        Assert.That(count, Is.GreaterThan(0), "the connection was closed");
        _have += count;
    }

    private void Drop(int count)
    {
        _buffer.AsSpan(count, _have - count).CopyTo(_buffer);
        _have -= count;
    }
}
