using System.Net;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>A tracker and peers with one habit each, which share one folder with a film.</summary>
internal sealed class StagedSwarm : IAsyncDisposable
{
    public const int PieceLength = 64 << 10;

    private readonly LabTracker _tracker = LabTracker.Start();
    private readonly List<FaultyPeer> _peers = [];
    private readonly int _pieceLength;
    private bool _isTrackerStopped;

    /// <param name="name">Of the torrent.</param>
    /// <param name="pieces">Its length in pieces.</param>
    /// <param name="pieceLength">Bytes.</param>
    public StagedSwarm(string name, int pieces, int pieceLength = PieceLength)
    {
        _pieceLength = pieceLength;
        Content = LabContent.Folder(name, [new LabFile("film.mkv", (long)pieces * pieceLength)], seed: (ulong)name.Length);
        Torrent = Content.CreateTorrent(
            pieceLength,
            [
                [_tracker.HttpUrl],
            ]
        );
    }

    public LabContent Content { get; }

    public MetainfoFile Torrent { get; }

    /// <summary>The same for sessions that are to know other peers.</summary>
    public MetainfoFile TorrentWithoutTracker => Content.CreateTorrent(_pieceLength);

    /// <summary>The same for who has to get its metadata first.</summary>
    public string Magnet => $"magnet:?xt=urn:btih:{Torrent.Info.InfoHash}&dn={Content.Name}&tr={Uri.EscapeDataString(_tracker.HttpUrl)}";

    /// <summary>Of its first peer: whether the next swarm may be read.</summary>
    public Func<PeerRecord, bool> IsReady { get; init; } = static record => record.Open > 0;

    public IReadOnlyList<FaultyPeer> Peers => _peers;

    public string Address => $"/fs/films/{Uri.EscapeDataString(Content.Name)}/film.mkv";

    /// <summary>A further peer, which the tracker names.</summary>
    /// <param name="habit">What it does wrong.</param>
    /// <param name="address">Last number of its address, 127.0.0.x.</param>
    /// <param name="has">Which pieces it has; null: all.</param>
    /// <param name="bytesPerSecond">How fast it sends; 0: as fast as it can.</param>
    public StagedSwarm With(PeerHabit habit, byte address, Func<int, bool>? has = null, long bytesPerSecond = 0)
    {
        var peer = FaultyPeer.Start(
            new FaultyPeerOptions
            {
                InfoHash = Torrent.Info.InfoHash,
                Layout = Torrent.Info.Layout,
                Content = Content.Fill,
                Habit = habit,
                Has = has,
                BytesPerSecond = bytesPerSecond,
                Address = new IPAddress([127, 0, 0, address]),
            }
        );
        _peers.Add(peer);
        _tracker.AddPeer(Torrent.Info.InfoHash, peer.EndPoint, seed: true);
        return this;
    }

    /// <summary>From now on nothing answers at the tracker's address.</summary>
    public async Task StopTrackerAsync()
    {
        if (!_isTrackerStopped)
        {
            _isTrackerStopped = true;
            await _tracker.DisposeAsync();
        }
    }

    /// <summary>From now on nothing answers at the peers' addresses, which the tracker still names.</summary>
    public async Task StopPeersAsync()
    {
        foreach (var peer in _peers)
        {
            await peer.DisposeAsync();
        }

        _peers.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopPeersAsync();
        await StopTrackerAsync();
    }
}
