using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Peers;

/// <summary>The info dictionary: fetched from peers, and served to them (BEP 9).</summary>
internal sealed partial class Swarm
{
    private MetadataFetch? _metadata;

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

        var bytes = _info is null ? default : _info.Bytes.Span;
        var start = (long)part * MetadataMessage.PieceLength;
        Post(peer, start >= bytes.Length ? ExtensionMessages.MetadataReject(id, part) : ExtensionMessages.MetadataData(id, part, bytes));
    }
}
