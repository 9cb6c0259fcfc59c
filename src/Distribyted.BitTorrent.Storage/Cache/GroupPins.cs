using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Pins of groups: while one is held the group's slots are neither freed nor written.</summary>
internal sealed class GroupPins(Lock @lock, CacheIndex index, SpaceWaiters space)
{
    private readonly Lock _lock = @lock;

    /// <summary>Pins the group of a piece that is in its slots. False: it is not.</summary>
    public bool TryPin(TorrentView view, int piece, [NotNullWhen(true)] out CacheGroup? group)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        var torrent = view.Torrent;
        if (
            torrent.View == view
            && !index.IsClosed
            && torrent.Groups.TryGetValue(torrent.Layout!.GroupOf(piece), out group)
            && ((group.Stored & torrent.Layout.BitOf(piece)) != 0 || torrent.IsSpilled(piece))
        )
        {
            group.Pins++;
            return true;
        }

        group = null;
        return false;
    }

    /// <summary>Pins a group once more.</summary>
    public void Pin(CacheGroup group)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        group.Pins++;
    }

    /// <summary>Takes one pin back. Takes the lock.</summary>
    public void Unpin(CacheGroup group)
    {
        lock (_lock)
        {
            group.Pins--;
            if (group.Pins == 0)
            {
                index.FreeIfUnused(group);
                if (group.WasMissed)
                {
                    group.WasMissed = false;
                    space.Changed();
                }
            }
        }
    }
}
