using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What all parts of a swarm share. What changes is guarded by the swarm's lock, unless said otherwise.</summary>
internal sealed class SwarmState(ISwarmOwner torrent, SwarmServices services, SwarmLock swarmLock)
{
    private SwarmContent? _content;
    private int _isLooking;
    private long _lastReaderId;

    public ISwarmOwner Torrent => torrent;

    public SwarmServices Services => services;

    public SwarmLock Lock => swarmLock;

    public MonotonicClock Clock => services.Clock;

    public ILogger Log => services.Log;

    public InfoHash InfoHash => torrent.InfoHash;

    /// <summary>The pieces; null while the metadata is not known. Set once; may be read without the lock.</summary>
    public SwarmContent? Content
    {
        get => Volatile.Read(ref _content);
        set => Volatile.Write(ref _content, value);
    }

    /// <summary>Whether the metadata is known and all pieces are stored.</summary>
    public bool IsWhole => Content is { IsWhole: true };

    /// <summary>Whether it looks for peers: it dials, and asks trackers. May be read without the lock.</summary>
    public bool IsLooking => Volatile.Read(ref _isLooking) != 0;

    /// <summary>See <see cref="IPeerOwner.UsesDht"/>. While the metadata is not known it is not private. May be read without the lock.</summary>
    public bool UsesDht => services.Peers.NodeNamed is not null && PeerOrigin.Dht.IsAllowed(isPrivate: Content?.Info.IsPrivate == true);

    /// <summary>Why it was closed; null: it was not.</summary>
    public TorrentFailure? EndedBy { get; set; }

    public bool HasEnded => EndedBy is not null;

    /// <summary>When a reader last read, or a peer last asked.</summary>
    public long LastUsedAt { get; set; } = services.Clock.Now;

    /// <summary>From now on it looks for peers; false: it does already. Without the lock.</summary>
    public bool TryStartLooking()
    {
        return !IsLooking && Interlocked.Exchange(ref _isLooking, 1) == 0;
    }

    /// <summary>A number for a new reader. What is fetched without a reader takes the negative of one.</summary>
    public long NextReaderId()
    {
        return ++_lastReaderId;
    }
}
