using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Encryption;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;
using Distribyted.BitTorrent.Transport.Encryption;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Opens connections: connecting has five seconds, the handshake ten. How many may be under way is said by <see cref="DialSlots"/>.</summary>
/// <param name="services">Of the session.</param>
/// <param name="utpOnly">Over µTP only.</param>
internal sealed class PeerDialer(PeerServices services, bool utpOnly = false)
{
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5); // the first packet and two more, after one and three seconds
    private static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    private readonly PeerConnector _connector = new(services, utpOnly);

    /// <summary>Dials in the background; the owner hears of the end by <see cref="IPeerOwner.DialEnded"/> and, if it worked, of the connection's life.</summary>
    /// <param name="owner">Whose peer it is to be.</param>
    /// <param name="peer">Whom to dial.</param>
    /// <param name="slot">What was taken of <see cref="DialSlots"/>; it is released when the handshake is done.</param>
    /// <param name="cancellationToken">Ends the dial.</param>
    public void Dial(IPeerOwner owner, PeerEndPoint peer, SwarmUrgency slot, CancellationToken cancellationToken)
    {
        // Not under the swarm's lock: connecting is I/O.
        Background.Forget(
            "dial of a peer",
            services.Log,
            Task.Run(() => DialAsync(owner, peer, slot, cancellationToken), CancellationToken.None)
        );
    }

    private async Task DialAsync(IPeerOwner owner, PeerEndPoint peer, SwarmUrgency slot, CancellationToken cancellationToken)
    {
        PeerConnection? connection = null;
        ReadOnlyMemory<byte> rest = default;
        var outcome = DialOutcome.Failed;
        try
        {
            (connection, rest) = await OpenAsync(owner, peer, cancellationToken);
        }
        catch (Exception e) // whatever it is: the swarm must hear that the dial has ended
        {
            outcome = e is OwnNetworkException ? DialOutcome.NotTried : DialOutcome.Failed;
            services.Log.DialFailed(owner.InfoHash, peer, e.Message);
        }

        services.Dials.Release(owner.Share, slot);
        if (connection is not null)
        {
            outcome = owner.Join(connection.Peer);
        }

        owner.DialEnded(peer, outcome);
        if (outcome == DialOutcome.Joined)
        {
            await connection!.RunAsync(rest);
        }
        else
        {
            connection?.Dispose();
        }
    }

    private async Task<(PeerConnection, ReadOnlyMemory<byte>)> OpenAsync(
        IPeerOwner owner,
        PeerEndPoint peer,
        CancellationToken cancellationToken
    )
    {
        var isUrgent = owner.Share.Urgency is SwarmUrgency.Blocked or SwarmUrgency.Pending;
        var encrypt = services.Encryption.Encrypts(peer, isUrgent, out var mayTryOther);
        try
        {
            try
            {
                return await OpenAsync(owner, peer, encrypt, cancellationToken);
            }
            catch (RefusedException) when (mayTryOther && !cancellationToken.IsCancellationRequested)
            {
                return await OpenAsync(owner, peer, !encrypt, cancellationToken);
            }
        }
        catch (RefusedException e) when (!e.IsOverUtp)
        {
            _connector.ClosedOverTcp(peer);
            throw;
        }
    }

    private async Task<(PeerConnection, ReadOnlyMemory<byte>)> OpenAsync(
        IPeerOwner owner,
        PeerEndPoint peer,
        bool encrypt,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(ConnectTime, services.Clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var started = services.Clock.Now;
        var transport = await _connector.ConnectAsync(peer, either.Token);
        owner.IsReached(peer);
        var isShaken = false;
        try
        {
            deadline.CancelAfter(HandshakeTime);
            var rtt = services.Clock.Now - started;
            var hello = new byte[Handshake.Length];
            new Handshake(owner.InfoHash, services.PeerId).WithDht(owner.UsesDht).Write(hello);
            started = services.Clock.Now;
            ReadOnlyMemory<byte> received = default;
            if (encrypt)
            {
                (transport, received) = await EncryptAsync(transport, owner.InfoHash, hello, either.Token);
            }
            else
            {
                await transport.SendAsync(hello, either.Token);
            }

            var buffer = new byte[received.Length + 4096]; // a peer sends its bitfield and extension handshake right behind
            received.CopyTo(buffer);
            var have = received.Length;
            Handshake handshake;
            while (!Handshake.TryRead(buffer.AsSpan(0, have), out handshake))
            {
                var count = await transport.ReceiveAsync(buffer.AsMemory(have), either.Token);
                if (count == 0)
                {
                    throw new IOException("Closed during the handshake.");
                }

                if (have == 0 && !encrypt)
                {
                    rtt = Math.Min(rtt, services.Clock.Now - started);
                }

                have += count;
            }

            isShaken = true;
            services.Encryption.Worked(peer, encrypt);
            if (handshake.InfoHash != owner.InfoHash)
            {
                throw new ProtocolException(ProtocolError.Invalid, "The peer answers for another torrent.");
            }

            return (
                new PeerConnection(owner, services, transport, handshake, isOutgoing: true, rtt, encrypt),
                buffer.AsMemory(Handshake.Length, have - Handshake.Length)
            );
        }
        catch (Exception e)
        {
            transport.Dispose();
            if (isShaken || cancellationToken.IsCancellationRequested)
            {
                throw;
            }

            services.Encryption.Failed(peer, encrypt); // also when it was silent: then the next dial tries the other way
            if (e is IOException or SocketException or ProtocolException)
            {
                throw new RefusedException(e, transport.IsUtp);
            }

            throw;
        }
    }

    /// <summary>Our handshake goes with the encryption handshake: of its two round trips one is that of the handshake.</summary>
    private async Task<(IPeerTransport, ReadOnlyMemory<byte>)> EncryptAsync(
        IPeerTransport transport,
        InfoHash torrent,
        byte[] hello,
        CancellationToken cancellationToken
    )
    {
        var offered = services.Encryption.Mode == EncryptionMode.Require ? CryptoMethods.Rc4 : CryptoMethods.Rc4 | CryptoMethods.Plaintext;
        var encryption = new OutgoingEncryption(torrent, offered, hello);
        await EncryptionNegotiation.RunAsync(transport, encryption, default, cancellationToken);
        transport = await EncryptionNegotiation.OpenAsync(transport, encryption, default, cancellationToken);
        return (transport, encryption.Received);
    }

    /// <summary>The peer was reached, and ended the connection or answered nonsense.</summary>
    private sealed class RefusedException(Exception cause, bool isOverUtp) : IOException(cause.Message, cause)
    {
        public bool IsOverUtp { get; } = isOverUtp;
    }
}
