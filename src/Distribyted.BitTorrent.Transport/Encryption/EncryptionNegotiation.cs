using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Encryption;

namespace Distribyted.BitTorrent.Transport.Encryption;

/// <summary>Moves the bytes of an encryption handshake over a connection.</summary>
public static class EncryptionNegotiation
{
    private const int BufferLength = 4096;

    /// <summary>Exchanges bytes until the handshake is complete. What the handshake has to send then is still in it, so that the beginning of the payload can
    /// go out with it: <see cref="OpenAsync"/>.</summary>
    /// <param name="transport">Stays the caller's.</param>
    /// <param name="handshake">Our side of it.</param>
    /// <param name="received">What was received before.</param>
    /// <param name="cancellationToken">The time limit.</param>
    /// <exception cref="IOException">The peer closed.</exception>
    /// <exception cref="ProtocolException">The peer speaks something else, or asks for what is refused here.</exception>
    public static async Task RunAsync(
        IPeerTransport transport,
        EncryptionHandshake handshake,
        ReadOnlyMemory<byte> received,
        CancellationToken cancellationToken
    )
    {
        handshake.Receive(received.Span);
        var buffer = new byte[BufferLength];
        while (!handshake.IsComplete)
        {
            if (handshake.TakeOutput() is { Length: > 0 } output)
            {
                await transport.SendAsync(output, cancellationToken);
            }

            var count = await transport.ReceiveAsync(buffer, cancellationToken);
            if (count == 0)
            {
                throw new IOException($"{transport.Remote} closed during the encryption handshake.");
            }

            handshake.Receive(buffer.AsSpan(0, count));
        }
    }

    /// <summary>Sends the end of a handshake, with the beginning of the payload behind it, and gives the transport of all that follows.</summary>
    /// <param name="transport">Belongs to the result from now on, or is the result: a payload in the clear needs nothing around it.</param>
    /// <param name="handshake">Complete. Payload that came already is in <see cref="EncryptionHandshake.Received"/>.</param>
    /// <param name="payload">May be empty.</param>
    /// <param name="cancellationToken">The time limit.</param>
    public static async Task<IPeerTransport> OpenAsync(
        IPeerTransport transport,
        EncryptionHandshake handshake,
        ReadOnlyMemory<byte> payload,
        CancellationToken cancellationToken
    )
    {
        handshake.Send(payload.Span);
        if (handshake.TakeOutput() is { Length: > 0 } output)
        {
            await transport.SendAsync(output, cancellationToken);
        }

        return handshake.Selected == CryptoMethods.Rc4
            ? new EncryptedTransport(transport, handshake.Encryptor, handshake.Decryptor)
            : transport;
    }
}
