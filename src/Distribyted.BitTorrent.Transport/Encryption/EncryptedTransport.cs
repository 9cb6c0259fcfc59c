using System.Buffers;
using System.Runtime.CompilerServices;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Encryption;

namespace Distribyted.BitTorrent.Transport.Encryption;

/// <summary>A connection whose payload is encrypted by RC4, over any other transport. What is received is decrypted where it lies, what is sent is
/// encrypted into a buffer that is rented for the call.</summary>
/// <param name="inner">Carries it; owned from now on.</param>
/// <param name="encryptor">Of what is sent.</param>
/// <param name="decryptor">Of what is received.</param>
public sealed class EncryptedTransport(IPeerTransport inner, Rc4 encryptor, Rc4 decryptor) : IPeerTransport
{
    private const int MaxChunk = 64 * 1024; // then the first bytes are on their way while the next are encrypted

    /// <inheritdoc/>
    public PeerEndPoint Remote => inner.Remote;

    /// <inheritdoc/>
    public bool IsUtp => inner.IsUtp;

    /// <inheritdoc/>
    public int Unread => inner.Unread;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await inner.ReceiveAsync(buffer, cancellationToken);
        decryptor.Apply(buffer.Span[..count]);
        return count;
    }

    /// <inheritdoc/>
    public void Expect(int bytes)
    {
        inner.Expect(bytes); // a stream cipher changes no lengths
    }

    /// <inheritdoc/>
    public void EndUnlessAcknowledgedWithin(TimeSpan time)
    {
        inner.EndUnlessAcknowledgedWithin(time);
    }

    /// <inheritdoc/>
    public void AbortOnDispose()
    {
        inner.AbortOnDispose();
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length, MaxChunk));
        try
        {
            while (!buffer.IsEmpty)
            {
                var length = Math.Min(buffer.Length, chunk.Length);
                encryptor.Apply(buffer.Span[..length], chunk);
                await inner.SendAsync(chunk.AsMemory(0, length), cancellationToken);
                buffer = buffer[length..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        inner.Dispose();
    }
}
