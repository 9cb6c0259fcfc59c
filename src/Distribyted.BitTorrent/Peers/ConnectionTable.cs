namespace Distribyted.BitTorrent.Peers;

/// <summary>The places for connections of all torrents together. When all are taken, a torrent that needs one more gets it from another one, by the
/// rules of <see cref="ConnectionRules"/>. Safe for use by many threads.</summary>
/// <remarks>The place changes its owner at once, and the connection that had it is closed a moment later: so long there are a few more than the limit.
/// The lock is taken inside the locks of swarms, and nothing is called under it.</remarks>
internal sealed class ConnectionTable(int limit)
{
    private readonly Lock _lock = new();
    private readonly HashSet<SwarmShare> _holders = []; // those with places; guarded by _lock
    private int _taken;

    /// <summary>Places that are taken.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Whether <see cref="TryTake"/> would work now: dialling is of use.</summary>
    public bool HasPlaceFor(SwarmShare share)
    {
        if (Taken < limit)
        {
            return true;
        }

        lock (_lock)
        {
            return _taken < limit || ConnectionRules.WhoGivesUp(share, _holders) is not null;
        }
    }

    /// <summary>Takes a place, if need be from another torrent; false: there is none.</summary>
    public bool TryTake(SwarmShare share)
    {
        SwarmShare? loser = null;
        lock (_lock)
        {
            if (_taken < limit)
            {
                _taken++;
            }
            else
            {
                loser = ConnectionRules.WhoGivesUp(share, _holders);
                if (loser is null)
                {
                    return false;
                }

                loser.Surplus++;
                if (--loser.Connections == 0)
                {
                    _holders.Remove(loser);
                }
            }

            share.Connections++;
            _holders.Add(share);
        }

        loser?.GiveUpLater();
        return true;
    }

    /// <summary>A new connection takes the place of another one of the same torrent, which is closed by the caller.</summary>
    public void Replace(SwarmShare share)
    {
        lock (_lock)
        {
            share.Surplus++;
        }
    }

    /// <summary>A connection has ended.</summary>
    public void Leave(SwarmShare share)
    {
        lock (_lock)
        {
            if (share.Surplus > 0)
            {
                share.Surplus--;
                return;
            }

            _taken--;
            if (--share.Connections == 0)
            {
                _holders.Remove(share);
            }
        }
    }

    /// <summary>How many connections the torrent has to close, those included that it is closing.</summary>
    public int SurplusOf(SwarmShare share)
    {
        lock (_lock)
        {
            return share.Surplus;
        }
    }
}
