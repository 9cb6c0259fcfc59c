using System.Diagnostics;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Torrents whose request for space was refused: what they were refused, who is served first, and telling them when something changed.</summary>
/// <remarks>Every change that may let a refused request succeed is counted, so that asking again is cheap until then.</remarks>
internal sealed class SpaceWaiters(Lock @lock, CacheIndex index, PieceEventQueue events, TimeProvider time)
{
    private const long AskEvery = 50; // milliseconds

    private readonly Lock _lock = @lock;

    // Guarded by _lock.
    private readonly SpaceQueue _queue = new();
    private readonly List<TorrentView> _waiting = [];
    private long _version; // of everything that opening a piece depends on
    private long _askedAt = -AskEvery;
    private bool _lacksMemory; // whether memory, and not slots, was what there was too little of last

    private long Milliseconds => (long)time.GetElapsedTime(0).TotalMilliseconds;

    private long Now => _queue.IsEmpty ? 0 : Milliseconds; // no time is read while no torrent waits

    /// <summary>Something that was refused may succeed now.</summary>
    public void Changed()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        _version++;
        foreach (var view in _waiting)
        {
            view.WaitsForSpace = false;
            events.Post(view, PieceEventKind.SpaceFreed, -1);
        }

        _waiting.Clear();
    }

    /// <summary>Whether a torrent has to wait without a look at what is free: nothing changed since it was refused, or others are served first.</summary>
    /// <param name="view">The torrent.</param>
    /// <param name="urgent">A reader waits for the piece.</param>
    /// <param name="newParts">Slots that the piece needs; 0: it has some.</param>
    /// <param name="need">How much may be taken from others for it.</param>
    public bool MustWait(TorrentView view, bool urgent, int newParts, out SpaceNeed need)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        var now = Now;
        if (_queue.EndTurn(now))
        {
            Changed();
        }

        need =
            !urgent ? SpaceNeed.Ahead
            : _queue.IsOverdue(view, now) ? SpaceNeed.Overdue
            : SpaceNeed.Urgent;
        var refusal = view.Refusal;
        if (refusal.Version == _version && refusal.Need >= need && newParts >= refusal.Parts)
        {
            Wait(view, need);
            return true;
        }

        if (_queue.MustYield(view, urgent, now))
        {
            Refuse(view, need, 0, _lacksMemory);
            return true;
        }

        return false;
    }

    /// <summary>Notes that there was no memory.</summary>
    /// <param name="view">The torrent.</param>
    /// <param name="need">With which need it asked.</param>
    public void RefuseMemory(TorrentView view, SpaceNeed need)
    {
        _lacksMemory = true;
        Refuse(view, need, 0, lacksMemory: true);
    }

    /// <summary>Notes that there were too few slots.</summary>
    /// <param name="view">The torrent.</param>
    /// <param name="need">With which need it asked.</param>
    /// <param name="parts">Slots that it asked for.</param>
    public void RefuseSlots(TorrentView view, SpaceNeed need, int parts)
    {
        _lacksMemory = false;
        Refuse(view, need, parts, lacksMemory: false);
    }

    /// <summary>The torrent got what a reader waited for, or waits no longer. True: it was first, and others may be served now.</summary>
    public bool Remove(TorrentView view)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        return _queue.Remove(view, Now);
    }

    /// <summary>The torrent is closed.</summary>
    public void Close(TorrentView view)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        _waiting.Remove(view);
        _queue.Remove(view, Now);
    }

    private void Refuse(TorrentView view, SpaceNeed need, int parts, bool lacksMemory)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        view.Refusal = (_version, need, parts);
        view.LacksMemory = lacksMemory;
        Wait(view, need);
    }

    private void Wait(TorrentView view, SpaceNeed need)
    {
        if (need != SpaceNeed.Ahead)
        {
            _queue.Wait(view, Milliseconds);
            AskOthers(need == SpaceNeed.Overdue);
        }

        if (!view.WaitsForSpace)
        {
            view.WaitsForSpace = true;
            _waiting.Add(view);
        }
    }

    /// <summary>Torrents that are open hold memory and slots of pieces that they could do without.</summary>
    private void AskOthers(bool isOverdue)
    {
        var now = Milliseconds;
        if (now - _askedAt < AskEvery)
        {
            return;
        }

        _askedAt = now;
        foreach (var torrent in index.Opened)
        {
            events.Post(torrent.View!, isOverdue ? PieceEventKind.SpaceOverdue : PieceEventKind.SpaceWanted, -1);
        }
    }
}
