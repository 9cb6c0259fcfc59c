namespace Distribyted.BitTorrent.Peers;

/// <summary>The dials under way of all torrents together. A torrent that gets no slot waits for one; slots that become free go to the most urgent torrent, and
/// of equal ones to who has fewest. Safe for use by many threads.</summary>
/// <remarks>A silent peer keeps its slot for five seconds. So a quarter is kept free for blocked readers, and torrents without readers have half at most, in
/// which none keeps the others out. The lock is taken inside the locks of swarms, and nothing is called under it.</remarks>
internal sealed class DialSlots(int limit)
{
    private const int Few = 4;

    private readonly Lock _lock = new();
    private readonly List<SwarmShare> _waiting = []; // who came first is first; guarded by _lock, as are the counts
    private readonly int[] _taken = new int[(int)SwarmUrgency.Blocked + 1];

    /// <summary>Takes a slot, or waits for one: then the share's dial is called when there is one.</summary>
    /// <param name="share">For which torrent.</param>
    /// <param name="takenAs">What to give back to <see cref="Release"/>.</param>
    public bool TryTake(SwarmShare share, out SwarmUrgency takenAs)
    {
        lock (_lock)
        {
            if (share.Granted is { } granted)
            {
                share.Granted = null;
                takenAs = granted;
                return true;
            }

            takenAs = share.Urgency;
            if (MayTake(takenAs, share.Dials))
            {
                Take(share, takenAs);
                return true;
            }

            if (!share.IsWaiting)
            {
                share.IsWaiting = true;
                _waiting.Add(share);
            }

            return false;
        }
    }

    /// <summary>The dial is over, or was not begun.</summary>
    public void Release(SwarmShare share, SwarmUrgency takenAs)
    {
        List<SwarmShare>? next;
        lock (_lock)
        {
            share.Dials--;
            _taken[(int)takenAs]--;
            next = Grant();
        }

        next?.ForEach(static n => n.DialLater());
    }

    /// <summary>The torrent never dials again.</summary>
    public void Forget(SwarmShare share)
    {
        lock (_lock)
        {
            StopWaiting(share);
        }

        ReturnUnused(share);
    }

    /// <summary>The torrent has no peer to dial: what it was granted and did not use goes to others.</summary>
    public void ReturnUnused(SwarmShare share)
    {
        SwarmUrgency granted;
        lock (_lock)
        {
            if (share.Granted is not { } unused)
            {
                return;
            }

            share.Granted = null;
            granted = unused;
        }

        Release(share, granted);
    }

    /// <summary>Whether a torrent may begin one more dial.</summary>
    /// <param name="urgency">How urgent it is.</param>
    /// <param name="own">Dials that it has under way.</param>
    /// <param name="unread">Dials under way of all torrents without readers.</param>
    /// <param name="notBlocked">Dials under way of all torrents without a blocked reader.</param>
    /// <param name="all">All dials under way.</param>
    /// <param name="limit">Most dials under way.</param>
    public static bool MayTake(SwarmUrgency urgency, int own, int unread, int notBlocked, int all, int limit)
    {
        if (all >= limit)
        {
            return false;
        }

        if (urgency == SwarmUrgency.Blocked)
        {
            return true;
        }

        if (notBlocked >= Math.Max(1, limit - (limit / 4)))
        {
            return false;
        }

        return urgency >= SwarmUrgency.Recent || unread < Math.Max(1, own < Few ? limit / 2 : limit / 4);
    }

    private bool MayTake(SwarmUrgency urgency, int own)
    {
        var unread = _taken[(int)SwarmUrgency.Idle] + _taken[(int)SwarmUrgency.Pending];
        var notBlocked = unread + _taken[(int)SwarmUrgency.Recent] + _taken[(int)SwarmUrgency.Reading];
        return MayTake(urgency, own, unread, notBlocked, notBlocked + _taken[(int)SwarmUrgency.Blocked], limit);
    }

    private void Take(SwarmShare share, SwarmUrgency urgency)
    {
        share.Dials++;
        _taken[(int)urgency]++;
    }

    private void StopWaiting(SwarmShare share)
    {
        if (share.IsWaiting)
        {
            share.IsWaiting = false;
            _waiting.Remove(share);
        }
    }

    private List<SwarmShare>? Grant()
    {
        List<SwarmShare>? granted = null;
        while (true)
        {
            SwarmShare? best = null;
            foreach (var share in _waiting)
            {
                var isBetter = best is null || (share.Urgency, -share.Dials).CompareTo((best.Urgency, -best.Dials)) > 0;
                if (isBetter && MayTake(share.Urgency, share.Dials))
                {
                    best = share;
                }
            }

            if (best is null)
            {
                return granted;
            }

            StopWaiting(best);
            var urgency = best.Urgency;
            Take(best, urgency);
            best.Granted = urgency;
            (granted ??= []).Add(best);
        }
    }
}
