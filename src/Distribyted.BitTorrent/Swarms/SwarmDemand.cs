using Distribyted.BitTorrent.Peers;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>How urgently a torrent needs peers, and how many. Guarded by the swarm's lock.</summary>
internal sealed class SwarmDemand(SwarmState state, ReaderTable readers, SwarmShare share)
{
    /// <summary>Peers that a torrent without readers keeps: enough to begin with when the next reader comes.</summary>
    public const int IdlePeers = 8;

    private const long RecentFor = 30 * MonotonicClock.Second;
    private const long Starves = 2 * MonotonicClock.Second;
    private const long NeverRead = long.MinValue / 2;

    private long _lastReadAt = NeverRead;
    private long _awaitedAt = state.Clock.Now; // when there was last a reader, or the metadata was missing

    /// <summary>What the peers are to give.</summary>
    public PeerWant Want =>
        state.Content is null ? PeerWant.Metadata
        : readers.Count > 0 ? PeerWant.Pieces
        : PeerWant.Nothing;

    /// <summary>Whether a reader is blocked, or the metadata is missing.</summary>
    public bool IsWaiting => share.Urgency is SwarmUrgency.Blocked or SwarmUrgency.Pending;

    /// <summary>A reader is about to be opened.</summary>
    public void ExpectReader(long now)
    {
        state.Lock.AssertHeld();
        _lastReadAt = now;
    }

    /// <summary>Called whenever a reader comes, goes, blocks or goes on, and once a second.</summary>
    public void Update(long now)
    {
        state.Lock.AssertHeld();
        var isPending = state.Content is null;
        if (isPending || readers.Count > 0)
        {
            _awaitedAt = now;
        }

        if (readers.Count > 0)
        {
            _lastReadAt = now;
        }

        share.Urgency =
            isPending ? SwarmUrgency.Pending
            : readers.IsStarved(0, now) ? SwarmUrgency.Blocked
            : readers.Count > 0 ? SwarmUrgency.Reading
            : now - _lastReadAt < RecentFor ? SwarmUrgency.Recent
            : SwarmUrgency.Idle;
    }

    /// <summary>Whether a reader has waited for so long that more is done for it.</summary>
    public bool IsStarving(long now)
    {
        return readers.IsStarved(Starves, now);
    }

    /// <summary>Whether there has been no reader for a while: few peers are kept.</summary>
    public bool IsUnread(long now)
    {
        return share.Urgency == SwarmUrgency.Idle && now - _awaitedAt >= RecentFor;
    }

    /// <summary>Most connections.</summary>
    public int MaxPeers(long now)
    {
        var limit = state.Services.Options.MaxConnectionsPerTorrent;
        return IsStarving(now) ? limit + (limit * 6 / 10) : limit;
    }

    /// <summary>How many connections it dials for. Without readers a few are enough; a shared folder is there for others.</summary>
    public int WantedConnections(long now)
    {
        return IsUnread(now) && !state.Torrent.IsShared ? Math.Min(IdlePeers, MaxPeers(now)) : MaxPeers(now);
    }
}
