using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Extensions;

/// <summary><c>ut_metadata</c> (BEP 9): the info dictionary, fetched from peers while it is not known, and served to them afterwards.</summary>
internal sealed class MetadataExtension(IExtensionSwarm swarm) : IPeerExtension
{
    internal const string ExtensionName = "ut_metadata";

    private const int MaxHandshakes = 16; // of one peer that are looked at: one that changes its mind more often is not believed

    private readonly Dictionary<Peer, int> _handshakes = [];
    private MetadataFetch? _fetch = new(swarm.InfoHash);

    public string Name => ExtensionName;

    public byte LocalId => 2;

    public int MaxLength => PeerMessageReader.MaxExtendedLength;

    /// <summary>Whether the metadata is still being looked for.</summary>
    public bool IsFetching => _fetch is not null && swarm.Info is null;

    /// <summary>Whether the metadata may come from this peer: it says that it has it, and has not failed yet.</summary>
    public bool MayServe(Peer peer)
    {
        return _fetch?.MayServe(peer) == true;
    }

    /// <summary>What peers sent instead of the metadata; null: nothing, or the metadata is here.</summary>
    public WrongMetadata? Wrong => IsFetching ? _fetch!.Wrong : null;

    public ExtensionHandshake Greet(Peer peer, ExtensionHandshake handshake)
    {
        return swarm.Info is { } info ? handshake with { MetadataSize = info.Bytes.Length } : handshake;
    }

    public void HandshakeReceived(Peer peer, long now)
    {
        var count = _handshakes.GetValueOrDefault(peer) + 1;
        _handshakes[peer] = count;
        if (count <= MaxHandshakes)
        {
            _fetch?.HandshakeReceived(peer);
            Ask(now);
        }
    }

    public void Received(Peer peer, ReadOnlySpan<byte> payload, long now)
    {
        var message = MetadataMessage.Read(payload);
        switch (message.Kind)
        {
            case MetadataMessageKind.Request:
                Serve(peer, message.Piece);
                break;
            case MetadataMessageKind.Reject:
                _fetch?.Rejected(peer, message.Piece);
                Ask(now);
                break;
            case MetadataMessageKind.Data:
                if (IsFetching && _fetch!.Received(peer, message.Piece, message.TotalSize, message.Data) is { } info)
                {
                    _fetch = null;
                    swarm.MetadataReceived(info);
                }
                else
                {
                    Ask(now);
                }

                break;
            default:
                break;
        }
    }

    public void Heartbeat(long now)
    {
        Ask(now);
    }

    public void PeerLeft(Peer peer, long now)
    {
        _handshakes.Remove(peer);
        _fetch?.PeerLeft(peer);
        Ask(now);
    }

    private void Ask(long now)
    {
        if (!IsFetching)
        {
            _fetch = null;
            return;
        }

        foreach (var (peer, part) in _fetch!.Ask(now))
        {
            swarm.Send(peer, ExtensionMessages.Make(peer.Extensions!.IdOf(Name), output => MetadataMessage.WriteRequest(output, part)));
        }
    }

    private void Serve(Peer peer, int part)
    {
        if (peer.Extensions?.IdOf(Name) is not (> 0 and var id))
        {
            return;
        }

        var info = swarm.Info;
        var isSent =
            part < MetadataMessage.PieceCount(info?.Bytes.Length ?? 0)
            && swarm.TrySendLater(
                peer,
                () => ExtensionMessages.Make(id, output => MetadataMessage.WriteData(output, part, info!.Bytes.Span))
            );
        if (!isSent)
        {
            swarm.Send(peer, ExtensionMessages.Make(id, output => MetadataMessage.WriteReject(output, part)));
        }
    }
}
