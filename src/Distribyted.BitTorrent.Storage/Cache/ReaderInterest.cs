using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>What readers use and want kept: windows, pinned pieces, order of use. Eviction follows it.</summary>
internal sealed class ReaderInterest(Lock @lock, CacheIndex index, MemoryPieces memory, SpaceWaiters space, TimeProvider time)
{
    private readonly Lock _lock = @lock;

    public void Touch(TorrentView view, int piece)
    {
        lock (_lock)
        {
            var torrent = view.Torrent;
            if (torrent.View != view)
            {
                return;
            }

            var windows = torrent.Windows;
            for (var i = 0; i < windows.Count; i++)
            {
                var window = windows[i];
                if (window.Overlaps(piece, piece) && (window.Position < 0 || piece == window.Position + 1))
                {
                    windows[i] = window with { Position = piece };
                    space.Changed();
                }
            }

            if (torrent.Ram.TryGetValue(piece, out var ram))
            {
                memory.Touch(ram);
            }

            if (torrent.Groups.TryGetValue(torrent.Layout!.GroupOf(piece), out var group))
            {
                if (group.TouchedAt == 0)
                {
                    group.SecondChance = HoldsEndOfLongFile(view.Info, torrent.Layout, group.Number);
                }

                index.Touch(group, time.GetTimestamp(), time.TimestampFrequency);
            }
        }
    }

    public void SetWindow(TorrentView view, long reader, int first, int last, int position)
    {
        lock (_lock)
        {
            var torrent = view.Torrent;
            if (torrent.View != view)
            {
                return;
            }

            var windows = torrent.Windows;
            for (var i = 0; i < windows.Count; i++)
            {
                var window = windows[i];
                if (window.Reader == reader)
                {
                    if (position < 0 && window.Position >= first && window.Position <= last)
                    {
                        position = window.Position;
                    }

                    if (window.First != first || window.Last != last || window.Position != position)
                    {
                        windows[i] = new KeptWindow(reader, first, last, position);
                        space.Changed();
                    }

                    return;
                }
            }

            windows.Add(new KeptWindow(reader, first, last, position));
            index.Reposition(torrent);
        }
    }

    public void ClearWindow(TorrentView view, long reader)
    {
        lock (_lock)
        {
            var torrent = view.Torrent;
            if (torrent.View == view && torrent.Windows.RemoveAll(window => window.Reader == reader) > 0)
            {
                if (torrent.Windows.Count == 0)
                {
                    space.Remove(view);
                }

                index.Reposition(torrent);
                space.Changed();
            }
        }
    }

    public void Pin(TorrentView view, int piece)
    {
        lock (_lock)
        {
            if (view.Torrent.View == view)
            {
                view.Torrent.PinnedPieces[piece] = view.Torrent.PinnedPieces.GetValueOrDefault(piece) + 1;
            }
        }
    }

    public void Unpin(TorrentView view, int piece)
    {
        lock (_lock)
        {
            if (view.Torrent.View != view || !view.Torrent.PinnedPieces.TryGetValue(piece, out var count))
            {
                return;
            }

            if (count > 1)
            {
                view.Torrent.PinnedPieces[piece] = count - 1;
            }
            else
            {
                view.Torrent.PinnedPieces.Remove(piece);
                space.Changed();
            }
        }
    }

    private static bool HoldsEndOfLongFile(TorrentInfo info, GroupLayout layout, int group)
    {
        const long LongFile = 8L << 20; // shorter ones are read whole anyway
        var start = info.Layout.StartOf(layout.FirstPieceOf(group));
        var last = layout.LastPieceOf(group);
        var end = info.Layout.StartOf(last) + info.Layout.LengthOf(last);
        var low = 0;
        var high = info.Files.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (info.Files[middle].Offset + info.Files[middle].Length < start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        for (; low < info.Files.Count && info.Files[low].Offset < end; low++)
        {
            var file = info.Files[low];
            var fileEnd = file.Offset + file.Length;
            if (file.Length >= LongFile && ((file.Offset >= start && file.Offset < end) || (fileEnd > start && fileEnd <= end)))
            {
                return true;
            }
        }

        return false;
    }
}
