using Distribyted.BitTorrent.Torrents;
using static Distribyted.BitTorrent.Torrents.LifecycleEvent;
using static Distribyted.BitTorrent.Torrents.LifecycleState;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>Every event in every state: what is not in this table is forbidden.</summary>
internal sealed class TorrentLifecycleTests
{
    private static readonly Dictionary<(LifecycleState, LifecycleEvent), LifecycleState> Allowed = new()
    {
        [(Idle, Activate)] = Starting,
        [(Idle, Close)] = Closed,
        [(Idle, Remove)] = Removed,
        [(Starting, Started)] = Active,
        [(Starting, StartFailed)] = Idle,
        [(Starting, Stopped)] = Starting, // of the swarm before
        [(Starting, Close)] = Closed,
        [(Starting, Remove)] = Removed,
        [(Active, Deactivate)] = Stopping,
        [(Active, Close)] = Closed,
        [(Active, Remove)] = Removed,
        [(Stopping, Stopped)] = Idle,
        [(Stopping, Activate)] = Starting, // a reader comes while the swarm is being closed
        [(Stopping, Close)] = Closed,
        [(Stopping, Remove)] = Removed,
        [(Closed, Remove)] = Removed,
    };

    private static IEnumerable<TestCaseData> All =>
        from state in Enum.GetValues<LifecycleState>()
        from happened in Enum.GetValues<LifecycleEvent>()
        select new TestCaseData(state, happened) { TestName = $"{state} and {happened}" };

    [TestCaseSource(nameof(All))]
    public void An_event_leads_where_the_table_says_or_nowhere(LifecycleState state, LifecycleEvent happened)
    {
        LifecycleState? expected = Allowed.TryGetValue((state, happened), out var next) ? next : null;

        Assert.That(TorrentLifecycle.Next(state, happened), Is.EqualTo(expected));
    }

    [Test]
    public void Nothing_brings_a_removed_torrent_back()
    {
        Assert.That(Enum.GetValues<LifecycleEvent>().Select(e => TorrentLifecycle.Next(Removed, e)), Is.All.Null);
    }
}
