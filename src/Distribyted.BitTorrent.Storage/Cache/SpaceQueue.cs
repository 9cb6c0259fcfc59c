namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Torrents whose readers wait for space in the cache, the longest wait first. Pure; guarded by the cache's lock. Times are milliseconds.</summary>
/// <remarks>
/// A long piece needs many slots at once, and short ones take each slot as it becomes free: without an order it would wait for ever. A torrent that has waited for
/// <see cref="Patience"/> is overdue: what becomes free is left to it. A claim that is not served within <see cref="Turn"/> ends and does not count for <see cref="Pause"/>,
/// so that one that cannot be served (a full disk), or that is not asked for again, delays the others only so long.
/// </remarks>
internal sealed class SpaceQueue
{
    internal const long Patience = 1_000;
    internal const long Turn = 5_000;
    internal const long Pause = 10_000;

    private readonly List<(object Torrent, long Since)> _claims = [];
    private readonly List<(object Torrent, long Until)> _paused = [];
    private long _turnBegan;

    /// <summary>Whether no torrent waits.</summary>
    public bool IsEmpty => _claims.Count == 0;

    /// <summary>A torrent was refused what a reader waits for.</summary>
    public void Wait(object torrent, long now)
    {
        _paused.RemoveAll(r => r.Until <= now);
        if (IndexOf(torrent) < 0 && !_paused.Exists(r => r.Torrent == torrent))
        {
            _claims.Add((torrent, now));
            _turnBegan = _claims.Count == 1 ? now : _turnBegan;
        }
    }

    /// <summary>The torrent got space, or wants none any more. True: it was first, and others may be served now.</summary>
    public bool Remove(object torrent, long now)
    {
        var index = IndexOf(torrent);
        if (index < 0)
        {
            return false;
        }

        _claims.RemoveAt(index);
        _turnBegan = index == 0 ? now : _turnBegan;
        return index == 0;
    }

    /// <summary>Ends a turn that has lasted too long. True: others may be served now.</summary>
    public bool EndTurn(long now)
    {
        if (_claims.Count == 0 || now - Math.Max(_turnBegan, _claims[0].Since + Patience) < Turn)
        {
            return false;
        }

        _paused.Add((_claims[0].Torrent, now + Pause));
        return Remove(_claims[0].Torrent, now);
    }

    /// <summary>Whether a torrent may not have what is free, because others are served first.</summary>
    public bool MustYield(object torrent, bool urgent, long now)
    {
        return _claims.Count > 0 && (!urgent || (_claims[0].Torrent != torrent && IsOverdue(now)));
    }

    /// <summary>Whether it is this torrent's turn and it has waited for too long.</summary>
    public bool IsOverdue(object torrent, long now)
    {
        return _claims.Count > 0 && _claims[0].Torrent == torrent && IsOverdue(now);
    }

    private bool IsOverdue(long now)
    {
        return now - _claims[0].Since >= Patience;
    }

    private int IndexOf(object torrent)
    {
        return _claims.FindIndex(c => c.Torrent == torrent);
    }
}
