namespace Distribyted.BitTorrent.Discovery.Trackers.Queueing;

/// <summary>Remembers for all torrents which trackers did not answer at all, how long announces to each are held back, and which announce is the probe that
/// finds out whether it is back. Not thread-safe: guarded by the queue's lock.</summary>
internal sealed class UnreachableTrackers(TimeProvider time)
{
    private const int MaxRemembered = 4096;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    // A reader or magnet, perhaps waiting since our network is back, is not held up by what others found out minutes ago.
    private static readonly TimeSpan LongestForPending = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestForReader = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Silence> _silent = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long an announce of this urgency to a tracker is still held back; null: it may be asked.</summary>
    public TimeSpan? Left(string authority, AnnounceUrgency urgency)
    {
        if (!_silent.TryGetValue(authority, out var silence))
        {
            return null;
        }

        var left = LengthFor(silence, urgency) - time.GetElapsedTime(silence.Since);
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        return silence.Probe is not null && urgency < AnnounceUrgency.Reader ? First : null;
    }

    /// <summary>An announce goes out; the first one after the time has passed is the probe that others wait for.</summary>
    public void Asking(AnnounceTicket ticket)
    {
        if (_silent.TryGetValue(ticket.Tracker.Authority, out var silence))
        {
            silence.Probe ??= ticket;
        }
    }

    /// <summary>An announce has ended.</summary>
    /// <param name="ticket">Which.</param>
    /// <param name="unreachable">True: no answer came. False: one did, good or bad. Null: nothing was found out.</param>
    public void Asked(AnnounceTicket ticket, bool? unreachable)
    {
        var authority = ticket.Tracker.Authority;
        _silent.TryGetValue(authority, out var silence);
        if (silence?.Probe == ticket)
        {
            silence.Probe = null;
        }

        if (unreachable == false)
        {
            _silent.Remove(authority);
        }
        else if (unreachable == true)
        {
            Begin(authority, silence);
        }
    }

    /// <summary>All may be asked: our network has changed, so what was found out does not hold any more.</summary>
    public void Clear()
    {
        _silent.Clear();
    }

    private void Begin(string authority, Silence? silence)
    {
        var now = time.GetTimestamp();
        if (silence is not null && time.GetElapsedTime(silence.Since, now) < LongestForReader)
        {
            return; // the others that were in flight tell nothing new
        }

        if (silence is null)
        {
            if (_silent.Count >= MaxRemembered)
            {
                _silent.Clear();
            }

            silence = _silent[authority] = new Silence { Length = First };
        }
        else if (time.GetElapsedTime(silence.Since, now) >= silence.Length)
        {
            silence.Length = silence.Length * 2 < Longest ? silence.Length * 2 : Longest; // a reader's early tries do not lengthen it
        }

        silence.Since = now;
    }

    private static TimeSpan LengthFor(Silence silence, AnnounceUrgency urgency)
    {
        var longest = urgency switch
        {
            AnnounceUrgency.Reader => LongestForReader,
            AnnounceUrgency.Pending => LongestForPending,
            _ => Longest,
        };
        return silence.Length < longest ? silence.Length : longest;
    }

    private sealed class Silence
    {
        /// <summary>When it last did not answer; a timestamp.</summary>
        public long Since { get; set; }

        public TimeSpan Length { get; set; }

        /// <summary>The announce that finds out whether it is back, once <see cref="Length"/> has passed.</summary>
        public AnnounceTicket? Probe { get; set; }
    }
}
