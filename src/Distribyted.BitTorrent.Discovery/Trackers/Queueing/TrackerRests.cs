namespace Distribyted.BitTorrent.Discovery.Trackers.Queueing;

/// <summary>Remembers which trackers did not answer at all, for all torrents: how long each is left alone, and who finds out whether it is
/// back. Not thread-safe: guarded by the queue's lock.</summary>
internal sealed class TrackerRests(TimeProvider time)
{
    private const int MaxRemembered = 4096;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    // Who waits, perhaps since our line is up again, need not wait for what others found out minutes ago.
    private static readonly TimeSpan LongestForPending = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestForReader = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Rest> _resting = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long a tracker is still left alone by an announce of this urgency; null: it may be asked.</summary>
    public TimeSpan? Left(string authority, AnnounceUrgency urgency)
    {
        if (!_resting.TryGetValue(authority, out var rest))
        {
            return null;
        }

        var left = LengthFor(rest, urgency) - time.GetElapsedTime(rest.Since);
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        return rest.Probe is not null && urgency < AnnounceUrgency.Reader ? First : null;
    }

    /// <summary>An announce goes out; after a rest the first one is the probe that others wait for.</summary>
    public void Asking(AnnounceTicket ticket)
    {
        if (_resting.TryGetValue(ticket.Tracker.Authority, out var rest))
        {
            rest.Probe ??= ticket;
        }
    }

    /// <summary>An announce has ended.</summary>
    /// <param name="ticket">Which.</param>
    /// <param name="unreachable">True: nobody answered. False: somebody did, well or badly. Null: nothing was found out.</param>
    public void Asked(AnnounceTicket ticket, bool? unreachable)
    {
        var authority = ticket.Tracker.Authority;
        _resting.TryGetValue(authority, out var rest);
        if (rest?.Probe == ticket)
        {
            rest.Probe = null;
        }

        if (unreachable == false)
        {
            _resting.Remove(authority);
        }
        else if (unreachable == true)
        {
            Begin(authority, rest);
        }
    }

    /// <summary>Forgets them all: our network has changed, so what was found out says nothing any more.</summary>
    public void Clear()
    {
        _resting.Clear();
    }

    private void Begin(string authority, Rest? rest)
    {
        var now = time.GetTimestamp();
        if (rest is not null && time.GetElapsedTime(rest.Since, now) < LongestForReader)
        {
            return; // the others that were in flight tell nothing new
        }

        if (rest is null)
        {
            if (_resting.Count >= MaxRemembered)
            {
                _resting.Clear();
            }

            rest = _resting[authority] = new Rest { Length = First };
        }
        else if (time.GetElapsedTime(rest.Since, now) >= rest.Length)
        {
            rest.Length = rest.Length * 2 < Longest ? rest.Length * 2 : Longest; // a reader's early tries do not lengthen it
        }

        rest.Since = now;
    }

    private static TimeSpan LengthFor(Rest rest, AnnounceUrgency urgency)
    {
        var longest = urgency switch
        {
            AnnounceUrgency.Reader => LongestForReader,
            AnnounceUrgency.Pending => LongestForPending,
            _ => Longest,
        };
        return rest.Length < longest ? rest.Length : longest;
    }

    private sealed class Rest
    {
        /// <summary>When it last did not answer; a timestamp.</summary>
        public long Since { get; set; }

        public TimeSpan Length { get; set; }

        /// <summary>It has rested, and this announce finds out whether it is back.</summary>
        public AnnounceTicket? Probe { get; set; }
    }
}
