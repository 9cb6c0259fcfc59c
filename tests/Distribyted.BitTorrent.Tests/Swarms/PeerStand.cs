using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Connections without a wire, for what only keeps account of peers.</summary>
internal sealed class PeerStand : IAsyncDisposable
{
    private readonly TorrentSession _session = new(new BitTorrentOptions(), new RecordingLog(), TimeProvider.System);
    private readonly List<Peer> _peers = [];
    private readonly Swarm _swarm;

    public PeerStand()
    {
        _swarm = new Swarm(TestTorrent.Of(new TorrentSource(InfoHash.Compute([]), null, [], []), hasMetadata: false), _session.Services);
    }

    public Peer Connect(ExtensionHandshake extensions, PeerEndPoint? listens = null, IPAddress? from = null)
    {
        var transport = new NoWire(new PeerEndPoint(from ?? IPAddress.Loopback, 20_000 + _peers.Count));
        var handshake = new Handshake(_swarm.InfoHash, PeerId.CreateRandom());
        var peer = new PeerConnection(_swarm, _session.Services.Peers, transport, handshake, isOutgoing: false, 0).Peer;
        peer.Extensions = extensions;
        peer.Listens = listens;
        _peers.Add(peer);
        return peer;
    }

    public async ValueTask DisposeAsync()
    {
        _peers.ForEach(static p => p.Connection.Dispose());
        await _swarm.DisposeAsync();
        await _session.DisposeAsync();
    }
}
