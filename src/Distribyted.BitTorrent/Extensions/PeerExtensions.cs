using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Extensions;

/// <summary>The extensions of one swarm (BEP 10): makes our handshake, and hands each message to the extension that it is for. Guarded by the swarm's lock.</summary>
internal sealed class PeerExtensions
{
    private readonly IPeerExtension[] _all;

    /// <param name="swarm">What they work for.</param>
    /// <param name="registered">How each of them is made, <see cref="MetadataExtension"/> among them.</param>
    public PeerExtensions(IExtensionSwarm swarm, IReadOnlyList<Func<IExtensionSwarm, IPeerExtension>> registered)
    {
        _all = [.. registered.Select(make => make(swarm))];
        Metadata = _all.OfType<MetadataExtension>().Single();
        _all.OfType<PexExtension>().Single().Named = PeersNamed;
    }

    /// <summary>The extensions that every swarm has. A new one is a line here.</summary>
    public static IReadOnlyList<Func<IExtensionSwarm, IPeerExtension>> Registered { get; } =
    [
        static swarm => new MetadataExtension(swarm),
        static swarm => new PexExtension(swarm),
        static swarm => new DontHaveExtension(swarm),
        static swarm => new HolepunchExtension(swarm),
    ];

    public MetadataExtension Metadata { get; }

    /// <summary>Our extension handshake for a peer, a whole message.</summary>
    /// <param name="peer">Who is greeted.</param>
    /// <param name="handshake">What it says apart from extensions.</param>
    public byte[] Greet(Peer peer, ExtensionHandshake handshake)
    {
        foreach (var extension in _all)
        {
            if (extension.IsOffered)
            {
                handshake = extension.Greet(peer, handshake.WithId(extension.Name, extension.LocalId));
            }
        }

        return ExtensionMessages.Make(ExtensionHandshake.Id, handshake.Write);
    }

    /// <summary>An extension handshake of a peer came; it is noted in <see cref="Peer.Extensions"/>.</summary>
    public void HandshakeReceived(Peer peer, long now)
    {
        foreach (var extension in _all)
        {
            extension.HandshakeReceived(peer, now);
        }
    }

    /// <summary>Hands an extended message to the extension of this id; ignores it when there is none.</summary>
    /// <exception cref="ProtocolException">The peer broke the protocol; its connection ends.</exception>
    public void Received(Peer peer, byte id, ReadOnlySpan<byte> payload, long now)
    {
        foreach (var extension in _all)
        {
            if (extension.LocalId == id && extension.IsOffered)
            {
                if (payload.Length > extension.MaxLength)
                {
                    throw new ProtocolException(ProtocolError.TooLarge, $"A message of {extension.Name} has {payload.Length} bytes.");
                }

                extension.Received(peer, payload, now);
                return;
            }
        }
    }

    /// <inheritdoc cref="IPeerExtension.PieceEvicted"/>
    public void PieceEvicted(int piece)
    {
        foreach (var extension in _all)
        {
            extension.PieceEvicted(piece);
        }
    }

    /// <inheritdoc cref="IPeerExtension.Heartbeat"/>
    public void Heartbeat(long now)
    {
        foreach (var extension in _all)
        {
            extension.Heartbeat(now);
        }
    }

    /// <inheritdoc cref="IPeerExtension.DialFailed"/>
    public void DialFailed(PeerEndPoint peer, long now)
    {
        foreach (var extension in _all)
        {
            extension.DialFailed(peer, now);
        }
    }

    /// <inheritdoc cref="IPeerExtension.PeerLeft"/>
    public void PeerLeft(Peer peer, long now)
    {
        foreach (var extension in _all)
        {
            extension.PeerLeft(peer, now);
        }
    }

    private void PeersNamed(Peer by, IReadOnlyList<PexPeer> peers)
    {
        foreach (var extension in _all)
        {
            extension.PeersNamed(by, peers);
        }
    }
}
