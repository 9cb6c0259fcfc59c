namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Torrents whose readers wait for room in the cache, the longest wait first. Pure; guarded by the cache's lock. Times are milliseconds.</summary>
/// <remarks>
/// A long piece needs many slots at once, and short ones take each slot as it becomes free: without an order it would wait for ever. Who has waited for
/// <see cref="Patience"/> is overdue: what becomes free is left to it. A claim that is not served within <see cref="Turn"/> ends and does not count for <see cref="Rest"/>,
/// so that one that cannot be served (a full disk), or that nobody comes back for, holds the others up only so long.
/// </remarks>
internal sealed class RoomQueue
{
    internal const long Patience = 1_000;
    internal const long Turn = 5_000;
    internal const long Rest = 10_000;

    private readonly List<(object Who, long Since)> _claims = [];
    private readonly List<(object Who, long Until)> _resting = [];
    private long _turnBegan;

    /// <summary>Whether anybody waits.</summary>
    public bool IsEmpty => _claims.Count == 0;

    /// <summary>A torrent was refused what a reader waits for.</summary>
    public void Wait(object who, long now)
    {
        _resting.RemoveAll(r => r.Until <= now);
        if (IndexOf(who) < 0 && !_resting.Exists(r => r.Who == who))
        {
            _claims.Add((who, now));
            _turnBegan = _claims.Count == 1 ? now : _turnBegan;
        }
    }

    /// <summary>It has got room, or wants none any more. True: others may be let in now.</summary>
    public bool Leave(object who, long now)
    {
        var index = IndexOf(who);
        if (index < 0)
        {
            return false;
        }

        _claims.RemoveAt(index);
        _turnBegan = index == 0 ? now : _turnBegan;
        return index == 0;
    }

    /// <summary>Ends a turn that has lasted too long. True: others may be let in now.</summary>
    public bool EndTurn(long now)
    {
        if (_claims.Count == 0 || now - Math.Max(_turnBegan, _claims[0].Since + Patience) < Turn)
        {
            return false;
        }

        _resting.Add((_claims[0].Who, now + Rest));
        return Leave(_claims[0].Who, now);
    }

    /// <summary>Whether a torrent must leave what is free to others.</summary>
    public bool MustYield(object who, bool urgent, long now)
    {
        return _claims.Count > 0 && (!urgent || (_claims[0].Who != who && IsOverdue(now)));
    }

    /// <summary>Whether it is this torrent's turn and it has waited for too long.</summary>
    public bool IsOverdue(object who, long now)
    {
        return _claims.Count > 0 && _claims[0].Who == who && IsOverdue(now);
    }

    private bool IsOverdue(long now)
    {
        return now - _claims[0].Since >= Patience;
    }

    private int IndexOf(object who)
    {
        return _claims.FindIndex(c => c.Who == who);
    }
}
