using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Everything the cache knows of one torrent, open or not. Guarded by the cache's lock.</summary>
internal sealed class CachedTorrent(InfoHash hash)
{
    public InfoHash Hash { get; } = hash;

    /// <summary>Known once the torrent was opened in this process.</summary>
    public GroupLayout? Layout { get; set; }

    /// <summary>The open view; null while nobody has the torrent open.</summary>
    public TorrentPieces? View { get; set; }

    public Dictionary<int, CacheGroup> Groups { get; } = [];

    /// <summary>Verified pieces in memory, by piece.</summary>
    public Dictionary<int, RamPiece> Ram { get; } = [];

    /// <summary>Groups used once.</summary>
    public GroupList Probation { get; } = new();

    /// <summary>Groups used again.</summary>
    public GroupList Protected { get; } = new();

    public List<KeptWindow> Windows { get; } = [];

    /// <summary>Pins by piece, also of pieces that are not here yet.</summary>
    public Dictionary<int, int> Pins { get; } = [];

    /// <summary>Hash checks under way, by piece.</summary>
    public Dictionary<int, Task> Confirming { get; } = [];

    /// <summary>Its name in the journal; 0: it has none yet.</summary>
    public uint JournalName { get; set; }

    /// <summary>Which of the index's lists of torrents it stands in.</summary>
    public LinkedListNode<CachedTorrent>? Place { get; set; }

    public bool IsPinned(CacheGroup group)
    {
        if (Pins.Count == 0)
        {
            return false;
        }

        var last = Layout!.LastPieceOf(group.Number);
        for (var piece = Layout.FirstPieceOf(group.Number); piece <= last; piece++)
        {
            if (Pins.ContainsKey(piece))
            {
                return true;
            }
        }

        return false;
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

    /// <summary>Whether no reader is going to come to this piece: outside every window, or behind the reader's place in all of them.</summary>
    public bool IsPassed(int piece)
    {
        if (Pins.ContainsKey(piece))
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
