namespace Distribyted.BitTorrent.Torrents;

/// <summary>The life of a torrent as a table: which event leads from which state to which. Pure; what is not listed does not happen.</summary>
/// <remarks>See <c>life-of-a-torrent.md</c> in this project: who causes the events, and under which lock.</remarks>
internal static class TorrentLifecycle
{
    /// <summary>The state that an event leads to; null: the event changes nothing in this state.</summary>
    public static LifecycleState? Next(LifecycleState state, LifecycleEvent happened)
    {
        return (state, happened) switch
        {
            (LifecycleState.Idle, LifecycleEvent.Activate) => LifecycleState.Starting,

            (LifecycleState.Starting, LifecycleEvent.Started) => LifecycleState.Active,
            (LifecycleState.Starting, LifecycleEvent.StartFailed) => LifecycleState.Idle,
            (LifecycleState.Starting, LifecycleEvent.Stopped) => LifecycleState.Starting, // of the swarm before: the new one waited for it

            (LifecycleState.Active, LifecycleEvent.Deactivate) => LifecycleState.Stopping,

            (LifecycleState.Stopping, LifecycleEvent.Stopped) => LifecycleState.Idle,
            (LifecycleState.Stopping, LifecycleEvent.Activate) => LifecycleState.Starting,

            (LifecycleState.Removed, _) => null,
            (_, LifecycleEvent.Remove) => LifecycleState.Removed,
            (LifecycleState.Closed, _) => null,
            (_, LifecycleEvent.Close) => LifecycleState.Closed,

            _ => null,
        };
    }
}
