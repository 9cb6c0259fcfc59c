using System.Diagnostics;
using System.Net;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Extended messages (BEP 10), and what extensions see of the swarm.</summary>
internal sealed partial class Swarm
{
    private static readonly string ClientName = $"{Product.Name} {Product.Version}";

    private readonly PeerExtensions _extensions;

    TorrentInfo? IExtensionSwarm.Info => _info;

    bool IExtensionSwarm.MayExchangePeers =>
        PeerOrigin.PeerExchange.IsAllowed(isPrivate: _info is { IsPrivate: true }) && !Services.Options.DisablePex;

    IReadOnlyList<Peer> IExtensionSwarm.Peers => _peers;

    void IExtensionSwarm.Send(Peer peer, ReadOnlySpan<byte> message)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        Post(peer, message);
    }

    bool IExtensionSwarm.TrySendLater(Peer peer, Func<byte[]> message)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        var isQueued = peer.Outbox.EnqueueLater(message);
        if (isQueued)
        {
            FlushLater(peer);
        }

        return isQueued;
    }

    void IExtensionSwarm.AddPeers(IReadOnlyList<PeerEndPoint> peers, IPAddress namedBy)
    {
        AddPeers(peers, PeerOrigin.PeerExchange, namedBy);
    }

    void IExtensionSwarm.PeerLostPiece(Peer peer, int piece)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (_info is not null && (uint)piece < (uint)_info.Layout.PieceCount)
        {
            peer.Have![piece] = false;
            peer.IsSeed = false;
            _scheduler!.PeerLost(peer.Slot, piece);
            _needsRun = true;
        }
    }

    void IExtensionSwarm.MetadataReceived(byte[] info)
    {
        Torrent.MetadataReceived(info);
    }

    private ExtensionHandshake HandshakeFor(Peer peer)
    {
        return new ExtensionHandshake
        {
            RequestQueue = PeerOutbox.MaxUploads,
            ListenPort = Services.Peers.ListenPort > 0 ? Services.Peers.ListenPort : null,
            Client = ClientName,
            YourIp = peer.Remote.Address,
        };
    }

    private void ReceivedExtended(Peer peer, byte id, ReadOnlySpan<byte> payload, long now)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        if (_isDisposed)
        {
            return;
        }

        if (id == ExtensionHandshake.Id)
        {
            ReceivedExtensionHandshake(peer, ExtensionHandshake.Read(payload), now);
        }
        else
        {
            _extensions.Received(peer, id, payload, now);
        }
    }

    private void ReceivedExtensionHandshake(Peer peer, ExtensionHandshake handshake, long now)
    {
        peer.Extensions = peer.Extensions?.Then(handshake) ?? handshake;
        if (peer.Extensions.ListenPort is > 0 and var port && !peer.IsOutgoing)
        {
            ListensOn(peer, new PeerEndPoint(peer.Remote.Address, port), now);
        }

        if (handshake.RequestQueue is { } queue)
        {
            _scheduler?.PeerQueues(peer.Slot, queue);
        }

        _extensions.HandshakeReceived(peer, now);
    }
}
