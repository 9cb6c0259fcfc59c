using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Everything the cache knows of one torrent, open or not. Guarded by the cache's lock.</summary>
internal sealed class CachedTorrent(InfoHash hash)
{
    public InfoHash Hash { get; } = hash;

    /// <summary>Known once the torrent was opened in this process.</summary>
    public GroupLayout? Layout { get; set; }

    /// <summary>The open view; null while the torrent is not open.</summary>
    public TorrentView? View { get; set; }

    public Dictionary<int, CacheGroup> Groups { get; } = [];

    /// <summary>Verified pieces in memory, by piece.</summary>
    public Dictionary<int, RamPiece> Ram { get; } = [];

    /// <summary>Groups used once.</summary>
    public GroupList Probation { get; } = new();

    /// <summary>Groups used again.</summary>
    public GroupList Protected { get; } = new();

    public List<KeptWindow> Windows { get; } = [];

    /// <summary>Pins of readers by piece, also of pieces that are not here yet.</summary>
    public Dictionary<int, int> PinnedPieces { get; } = [];

    /// <summary>Hash checks under way, by piece.</summary>
    public Dictionary<int, Task> Checks { get; } = [];

    /// <summary>Its name in the journal; 0: it has none yet.</summary>
    public uint JournalName { get; set; }

    /// <summary>Its node in one of the index's lists of torrents; null: it is in none.</summary>
    public LinkedListNode<CachedTorrent>? Node { get; set; }

    public bool IsPinned(CacheGroup group)
    {
        if (PinnedPieces.Count == 0)
        {
            return false;
        }

        var last = Layout!.LastPieceOf(group.Number);
        for (var piece = Layout.FirstPieceOf(group.Number); piece <= last; piece++)
        {
            if (PinnedPieces.ContainsKey(piece))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a piece was verified in this process and is in its slots, but not yet in the journal.</summary>
    public bool IsSpilled(int piece)
    {
        return Ram.TryGetValue(piece, out var ram) && ram.Spilled;
    }

    public bool IsInWindow(int first, int last)
    {
        foreach (var window in Windows)
        {
            if (window.Overlaps(first, last))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether no reader is going to come to this piece: outside every window, or behind the reader's position in all of them.</summary>
    public bool IsPassed(int piece)
    {
        if (PinnedPieces.ContainsKey(piece))
        {
            return false;
        }

        foreach (var window in Windows)
        {
            if (window.Overlaps(piece, piece) && (window.Position < 0 || piece >= window.Position))
            {
                return false;
            }
        }

        return true;
    }
}
