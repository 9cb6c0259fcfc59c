using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Peers;

/// <summary>Connections without a wire and without a swarm, for what only keeps account of peers. Its clock stands still.</summary>
internal sealed class PeerStand : IAsyncDisposable
{
    private readonly List<Peer> _peers = [];

    public PeerStand()
    {
        Services = new PeerServices(new TransportOptions(), new MonotonicClock(Time), NullLogger.Instance, maxHalfOpen: 64, uploadLimit: 0);
    }

    public FakeTimeProvider Time { get; } = new();

    public PeerServices Services { get; }

    public RecordedOwner Owner { get; } = new();

    /// <summary>A peer that dialled us.</summary>
    /// <param name="extensions">Its extension handshake; null: it sent none.</param>
    /// <param name="listens">Where it listens; null: not known.</param>
    /// <param name="from">Its address; null: loopback.</param>
    /// <param name="isFast">Whether it speaks BEP 6.</param>
    /// <param name="isEncrypted">Whether it dialled us with an encryption handshake.</param>
    public Peer Connect(
        ExtensionHandshake? extensions = null,
        PeerEndPoint? listens = null,
        IPAddress? from = null,
        bool isFast = false,
        bool isEncrypted = false
    )
    {
        var transport = new NoWire(new PeerEndPoint(from ?? IPAddress.Loopback, 20_000 + _peers.Count));
        var handshake = new Handshake(Owner.InfoHash, PeerId.CreateRandom(), isFast ? 0x100004UL : 0x100000UL);
        var peer = new PeerConnection(Owner, Services, transport, handshake, isOutgoing: false, rtt: 0, isEncrypted).Peer;
        peer.Extensions = extensions;
        peer.Listens = listens;
        _peers.Add(peer);
        return peer;
    }

    public ValueTask DisposeAsync()
    {
        _peers.ForEach(static p => p.Connection.Dispose());
        return ValueTask.CompletedTask;
    }
}
