using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Peers;

/// <summary>The info dictionary: fetched from peers, and served to them (BEP 9).</summary>
internal sealed partial class Swarm
{
    private MetadataFetch? _metadata;

    /// <summary>For the sender: the message with a part that a peer asked for.</summary>
    public byte[] MetadataPart(byte id, int part)
    {
        return ExtensionMessages.MetadataData(id, part, _info!.Bytes.Span);
    }

    private void AskMetadata(long now)
    {
        if (_metadata is null || _isDisposed)
        {
            return;
        }

        foreach (var (peer, part) in _metadata.Ask(now))
        {
            Post(peer, ExtensionMessages.MetadataRequest(peer.Extensions!.MetadataId!.Value, part));
        }
    }

    private void ReceivedMetadata(PeerConnection peer, ReadOnlySpan<byte> payload, long now)
    {
        var message = MetadataMessage.Read(payload);
        switch (message.Kind)
        {
            case MetadataMessageKind.Request:
                ServeMetadata(peer, message.Piece);
                break;
            case MetadataMessageKind.Reject:
                _metadata?.Rejected(peer, message.Piece);
                AskMetadata(now);
                break;
            case MetadataMessageKind.Data:
                if (_metadata?.Received(peer, message.Piece, message.TotalSize, message.Data) is { } info)
                {
                    _metadata = null;
                    Torrent.MetadataReceived(info);
                }
                else
                {
                    AskMetadata(now);
                }

                break;
            default:
                break;
        }
    }

    private void ServeMetadata(PeerConnection peer, int part)
    {
        if (peer.Extensions?.MetadataId is not (> 0 and var id))
        {
            return;
        }

        if (part < MetadataMessage.PieceCount(_info?.Bytes.Length ?? 0) && peer.PostMetadata(id, part))
        {
            FlushLater(peer);
        }
        else
        {
            Post(peer, ExtensionMessages.MetadataReject(id, part));
        }
    }
}
