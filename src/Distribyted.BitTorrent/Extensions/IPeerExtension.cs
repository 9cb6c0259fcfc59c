using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Extensions;

/// <summary>One extension of the peer protocol (BEP 10), in one swarm. What it knows of its peers it keeps itself. All calls come inside the swarm's lock.</summary>
/// <remarks>A new one is a file with this interface and a line in <see cref="PeerExtensions.Registered"/>. Blocks of pieces never come here.</remarks>
internal interface IPeerExtension
{
    /// <summary>Its name in the extension handshake, as its BEP writes it.</summary>
    string Name { get; }

    /// <summary>The id under which peers send us its messages: 1 to 255, of no other extension here.</summary>
    byte LocalId { get; }

    /// <summary>Most bytes of a message without its header. A longer one ends the connection before it is parsed.</summary>
    int MaxLength { get; }

    /// <summary>Whether it is offered to peers that join now, and whether their messages are processed.</summary>
    bool IsOffered => true;

    /// <summary>Adds what else its BEP wants in the extension handshake.</summary>
    /// <param name="peer">Who is greeted.</param>
    /// <param name="handshake">The handshake so far.</param>
    /// <returns>The handshake with its part.</returns>
    ExtensionHandshake Greet(Peer peer, ExtensionHandshake handshake)
    {
        return handshake;
    }

    /// <summary>An extension handshake of a peer came, the first or a later one; <see cref="Peer.Extensions"/> has it.</summary>
    void HandshakeReceived(Peer peer, long now) { }

    /// <summary>A message of a peer.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="payload">It without its header, as it lies in the receive buffer; at most <see cref="MaxLength"/> bytes.</param>
    /// <param name="now">The time, microseconds.</param>
    /// <exception cref="ProtocolException">The peer broke the protocol; its connection ends.</exception>
    void Received(Peer peer, ReadOnlySpan<byte> payload, long now);

    /// <summary>A piece that peers may have been told of is not here any more.</summary>
    void PieceEvicted(int piece) { }

    /// <summary>Once a second.</summary>
    void Heartbeat(long now) { }

    /// <summary>A peer named others (BEP 11).</summary>
    void PeersNamed(Peer by, IReadOnlyList<PexPeer> peers) { }

    /// <summary>A peer could not be dialled.</summary>
    void DialFailed(PeerEndPoint peer, long now) { }

    /// <summary>The connection has ended: what is known of the peer is dropped.</summary>
    void PeerLeft(Peer peer, long now) { }
}
