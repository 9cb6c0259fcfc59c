using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Tests.Peers;
using Distribyted.BitTorrent.Transport;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>What the parts of a swarm share, without a swarm, sockets and files. A test holds the lock by <see cref="Enter"/>. Its clock stands still.</summary>
internal sealed class SwarmStand : ISwarmOwner, IAsyncDisposable
{
    public const int PieceLength = 64 * 1024;

    private readonly PeerStand _peerStand = new();

    /// <param name="pieces">Pieces of the torrent; 0: the metadata is not known.</param>
    /// <param name="set">Changes options.</param>
    /// <param name="pieceLength">Bytes of a piece.</param>
    public SwarmStand(int pieces, Action<SwarmOptions>? set = null, int pieceLength = PieceLength)
    {
        var options = new BitTorrentOptions { Cache = { PieceMemory = 8.MiB() } }; // then a piece is long from 1 MiB on
        set?.Invoke(options.Swarm);
        Services = new SwarmServices(
            options.Swarm,
            options.Transport,
            options.Cache,
            new MonotonicClock(Time),
            NullLogger.Instance,
            new AddressGuard(options.Transport, [])
        );
        Lock = new SwarmLock(Services.Clock, Run);
        State = new SwarmState(this, Services, Lock);
        Peers = new PeerTable(Lock);
        Readers = new ReaderTable(State);
        if (pieces > 0)
        {
            var content = new TestContent((long)pieces * pieceLength, pieceLength);
            State.Content = SwarmContent.Of(content.Info, Pieces, Services.SchedulerLimits());
        }
    }

    public FakeTimeProvider Time { get; } = new();

    public SwarmServices Services { get; }

    public SwarmLock Lock { get; }

    public SwarmState State { get; }

    public PeerTable Peers { get; }

    public ReaderTable Readers { get; }

    public PiecesInMemory Pieces { get; } = new();

    /// <summary>How often the scheduler was to run.</summary>
    public int Runs { get; private set; }

    public InfoHash InfoHash => InfoHash.Compute([]);

    public bool IsShared { get; set; }

    public SwarmLock.Section Enter()
    {
        return Lock.Enter();
    }

    /// <summary>A peer that has joined.</summary>
    public Peer Join(bool isFast = false)
    {
        var peer = _peerStand.Connect(isFast: isFast);
        Peers.Add(peer);
        return peer;
    }

    /// <summary>Kinds of the messages that wait to be sent to a peer.</summary>
    public static IReadOnlyList<PeerMessageKind> SentTo(Peer peer)
    {
        List<PeerMessageKind> kinds = [];
        var bytes = peer.Outbox.TakePending().Span;
        while (PeerMessageReader.TryRead(bytes, out var message, out var length))
        {
            kinds.Add(message.Kind);
            bytes = bytes[length..];
        }

        return kinds;
    }

    public async ValueTask DisposeAsync()
    {
        await _peerStand.DisposeAsync();
        Services.Dispose();
    }

    public void CountDownload(int bytes) { }

    public void CountUpload(long bytes) { }

    public void KeepPeers(IReadOnlyList<PeerEndPoint> peers) { }

    public void PeersWanted() { }

    public void MetadataReceived(byte[] bytes) { }

    public void BecameWhole() { }

    private void Run(long now)
    {
        Lock.NeedsRun = false;
        Runs++;
    }
}
