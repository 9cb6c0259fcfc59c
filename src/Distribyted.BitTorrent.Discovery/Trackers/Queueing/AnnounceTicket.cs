using Distribyted.BitTorrent.Discovery.Trackers.Exchange;

namespace Distribyted.BitTorrent.Discovery.Trackers.Queueing;

/// <summary>One announce that waits in the <see cref="AnnounceQueue"/> or is in flight. Used once; guarded by the queue's lock.</summary>
internal sealed class AnnounceTicket(TrackerAddress tracker, AnnounceUrgency urgency)
{
    /// <summary>Where to.</summary>
    public TrackerAddress Tracker { get; } = tracker;

    /// <summary>What waits for the answer; raised by <see cref="AnnounceQueue.Raise"/>.</summary>
    public AnnounceUrgency Urgency { get; set; } = urgency;

    /// <summary>Completes when it may be sent. Null: send it. An answer: the tracker is unreachable, do not ask.</summary>
    public TaskCompletionSource<AnnounceAnswer?> Admission { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
