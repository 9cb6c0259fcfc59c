// Readers: bytes from memory or disk, and what they want kept.
using System.Diagnostics.CodeAnalysis;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Assembly;

namespace Distribyted.BitTorrent.Storage.Cache;

internal sealed partial class PieceCache
{
    internal ValueTask<int> ReadAsync(
        TorrentPieces view,
        int piece,
        int offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        var torrent = view.Torrent;
        PieceBuffer? buffer = null;
        lock (_gate)
        {
            if (torrent.View == view && torrent.Ram.TryGetValue(piece, out var ram) && !ram.Spilled)
            {
                buffer = ram.Buffer;
                buffer.Hold();
            }
        }

        if (buffer is null)
        {
            return ReadFromDiskAsync(view, piece, offset, destination, cancellationToken);
        }

        try
        {
            return new ValueTask<int>(buffer.Read(offset, destination.Span[..Math.Min(destination.Length, MaxRead)]));
        }
        finally
        {
            buffer.LetGo();
        }
    }

    internal void Touch(TorrentPieces view, int piece)
    {
        lock (_gate)
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
                    RoomChanged();
                }
            }

            if (torrent.Ram.TryGetValue(piece, out var ram))
            {
                ram.Touched = true;
                if (ram.State == RamState.Hot && _hot.Last != ram.Place)
                {
                    _hot.Remove(ram.Place!);
                    _hot.AddLast(ram.Place!);
                }
            }

            if (torrent.Groups.TryGetValue(torrent.Layout!.GroupOf(piece), out var group))
            {
                if (group.TouchedAt == 0)
                {
                    group.SecondChance = HoldsEndOfLongFile(view.Info, torrent.Layout, group.Number);
                }

                _index.Touch(group, _time.GetTimestamp(), _time.TimestampFrequency);
            }
        }
    }

    internal void SetWindow(TorrentPieces view, long reader, int first, int last, int place)
    {
        lock (_gate)
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
                    var position =
                        place >= 0 ? place
                        : window.Position >= first && window.Position <= last ? window.Position
                        : -1;
                    if (window.First != first || window.Last != last || window.Position != position)
                    {
                        windows[i] = new KeptWindow(reader, first, last, position);
                        RoomChanged();
                    }

                    return;
                }
            }

            windows.Add(new KeptWindow(reader, first, last, place));
            _index.Place(torrent);
        }
    }

    internal void ClearWindow(TorrentPieces view, long reader)
    {
        lock (_gate)
        {
            var torrent = view.Torrent;
            if (torrent.View == view && torrent.Windows.RemoveAll(window => window.Reader == reader) > 0)
            {
                if (torrent.Windows.Count == 0)
                {
                    _room.Leave(view, Milliseconds);
                }

                _index.Place(torrent);
                RoomChanged();
            }
        }
    }

    internal void Pin(TorrentPieces view, int piece)
    {
        lock (_gate)
        {
            if (view.Torrent.View == view)
            {
                view.Torrent.Pins[piece] = view.Torrent.Pins.GetValueOrDefault(piece) + 1;
            }
        }
    }

    internal void Unpin(TorrentPieces view, int piece)
    {
        lock (_gate)
        {
            if (view.Torrent.View == view && view.Torrent.Pins.TryGetValue(piece, out var count))
            {
                if (count > 1)
                {
                    view.Torrent.Pins[piece] = count - 1;
                }
                else
                {
                    view.Torrent.Pins.Remove(piece);
                    RoomChanged();
                }
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

    private async ValueTask<int> ReadFromDiskAsync(
        TorrentPieces view,
        int piece,
        int offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        await EnterDiskAsync(cancellationToken);
        try
        {
            while (true)
            {
                CacheGroup? group;
                Task? confirming = null;
                int slot;
                int at;
                int length;
                lock (_gate)
                {
                    if (!TryLease(view, piece, out group))
                    {
                        return 0;
                    }

                    var layout = view.Torrent.Layout!;
                    (var part, at) = layout.Place(piece, offset);
                    slot = group.Slots[part];
                    length = Math.Min(
                        Math.Min(MaxRead, destination.Length),
                        Math.Min(layout.Pieces.LengthOf(piece) - offset, _index.SlotLength - at)
                    );
                    if ((group.Confirmed & layout.BitOf(piece)) == 0 && !IsSpilled(view.Torrent, piece))
                    {
                        confirming = Confirming(view, group, piece);
                    }
                }

                if (confirming is not null)
                {
                    Release(group);
                    await confirming.WaitAsync(cancellationToken);
                    continue;
                }

                try
                {
                    var count = ReadSlot(slot, at, destination.Span[..length]);
                    if (count <= 0)
                    {
                        Damaged(view, group, piece); // else it would be asked for the same bytes for ever
                    }

                    if (count == 0)
                    {
                        DoubtAll();
                    }

                    return Math.Max(0, count);
                }
                finally
                {
                    Release(group);
                }
            }
        }
        finally
        {
            _reads.Release();
        }
    }

    /// <summary>-1: the disk cannot be read; 0: its file has become shorter.</summary>
    private int ReadSlot(int slot, int at, Span<byte> destination)
    {
        try
        {
            return _slabs.Read(slot, at, destination);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    private ValueTask EnterDiskAsync(CancellationToken cancellationToken)
    {
        return _reads.Wait(0, cancellationToken) ? default : new ValueTask(_reads.WaitAsync(cancellationToken));
    }

    private bool TryLease(TorrentPieces view, int piece, [NotNullWhen(true)] out CacheGroup? group)
    {
        var torrent = view.Torrent;
        if (
            torrent.View == view
            && !_disposed
            && torrent.Groups.TryGetValue(torrent.Layout!.GroupOf(piece), out group)
            && ((group.Stored & torrent.Layout.BitOf(piece)) != 0 || IsSpilled(torrent, piece))
        )
        {
            group.Leases++;
            return true;
        }

        group = null;
        return false;
    }

    private void Release(CacheGroup group)
    {
        lock (_gate)
        {
            group.Leases--;
            if (group.Leases == 0)
            {
                _index.Settle(group);
                if (group.WasMissed)
                {
                    group.WasMissed = false;
                    RoomChanged();
                }
            }
        }
    }

    /// <summary>Verified in this process, and in its slots, but not yet in the journal.</summary>
    private static bool IsSpilled(CachedTorrent torrent, int piece)
    {
        return torrent.Ram.TryGetValue(piece, out var ram) && ram.Spilled;
    }
}
