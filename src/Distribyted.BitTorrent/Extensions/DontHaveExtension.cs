using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Extensions;

/// <summary><c>lt_donthave</c> (BEP 54): a piece that was announced is not there any more. We send it when the cache evicts a piece.</summary>
internal sealed class DontHaveExtension(IExtensionSwarm swarm) : IPeerExtension
{
    public string Name => "lt_donthave";

    public byte LocalId => 7;

    public int MaxLength => 64; // 4 bytes; anything else is refused as malformed

    public void Received(Peer peer, ReadOnlySpan<byte> payload, long now)
    {
        swarm.PeerLostPiece(peer, DontHaveMessage.Read(payload));
    }

    public void PieceEvicted(int piece)
    {
        Span<byte> message = stackalloc byte[16];
        foreach (var peer in swarm.Peers)
        {
            if (peer.Extensions?.IdOf(Name) is > 0 and var id)
            {
                swarm.Send(peer, message[..DontHaveMessage.WriteMessage(message, id, piece)]);
            }
        }
    }
}
