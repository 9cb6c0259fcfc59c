using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Pins memory and slots for sockets that send without a copy.</summary>
internal sealed class SlotPins
{
    private const int MaxPinned = 1 << 20;

    private readonly Lock _lock;
    private readonly CacheIndex _index;
    private readonly GroupPins _groups;
    private readonly SlabStore _slabs;
    private readonly SemaphoreSlim _diskReads;
    private readonly SlotQuarantine _quarantine;

    public SlotPins(Lock @lock, CacheIndex index, GroupPins groups, SlabStore slabs, SemaphoreSlim diskReads, SlotQuarantine quarantine)
    {
        _lock = @lock;
        _index = index;
        _groups = groups;
        _slabs = slabs;
        _diskReads = diskReads;
        _quarantine = quarantine;
    }

    public PinnedBytes PinBytes(TorrentView view, int piece, int offset, int most)
    {
        lock (_lock)
        {
            var torrent = view.Torrent;
            if (torrent.View != view || _index.IsClosed)
            {
                return default;
            }

            var ram = torrent.Ram.GetValueOrDefault(piece);
            if (ram is null or { State: RamState.Hot } && TryPinSlots(torrent, piece, offset, most, out var pinned))
            {
                return pinned;
            }

            if (ram is null or { Spilled: true })
            {
                return default;
            }

            ram.Buffer.AddHolder();
            var memory = ram.Buffer.Memory(offset, most);
            return new PinnedBytes(null, 0, memory, memory.Length, new MemoryPin(ram.Buffer));
        }
    }

    private bool TryPinSlots(CachedTorrent torrent, int piece, int offset, int most, out PinnedBytes pinned)
    {
        pinned = default;
        var layout = torrent.Layout!;
        if (
            !torrent.Groups.TryGetValue(layout.GroupOf(piece), out var group)
            || (group.Stored & group.Confirmed & layout.BitOf(piece)) == 0
            || !_quarantine.MayPin(group)
            || !_diskReads.Wait(0) // the disk is busy: a read waits for it, a pin does not
        )
        {
            return false;
        }

        var (part, at) = layout.Locate(piece, offset);
        var slot = group.Slots[part];
        var length = _index.SlotLength - at;
        most = Math.Min(Math.Min(most, MaxPinned), layout.Pieces.LengthOf(piece) - offset);
        _index.Pinned.Add(slot);
        while (length < most && part + 1 < group.Slots.Length && _slabs.AreNeighbours(group.Slots[part], group.Slots[part + 1]))
        {
            _index.Pinned.Add(group.Slots[++part]);
            length += _index.SlotLength;
        }

        _groups.Pin(group);
        var (file, position) = _slabs.Locate(slot);
        pinned = new PinnedBytes(file, position + at, default, Math.Min(length, most), new SlotPin(this, group));
        return true;
    }

    private sealed class SlotPin(SlotPins pins, CacheGroup group) : IDisposable
    {
        private CacheGroup? _group = group;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _group, null) is { } pinned)
            {
                pins._diskReads.Release();
                pins._groups.Unpin(pinned);
            }
        }
    }

    private sealed class MemoryPin(PieceBuffer buffer) : IDisposable
    {
        private PieceBuffer? _buffer = buffer;

        public void Dispose()
        {
            Interlocked.Exchange(ref _buffer, null)?.Release();
        }
    }
}
