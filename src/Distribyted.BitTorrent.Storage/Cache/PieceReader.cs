using Distribyted.BitTorrent.Storage.Assembly;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Reads verified bytes, from memory or from slots.</summary>
internal sealed class PieceReader(
    Lock @lock,
    CacheIndex index,
    GroupPins pins,
    PieceConfirmer confirmer,
    SlabStore slabs,
    SemaphoreSlim diskReads
)
{
    private const int MaxRead = 256 * 1024; // a pin is held for a short time only

    private readonly Lock _lock = @lock;

    public ValueTask<int> ReadAsync(TorrentView view, int piece, int offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var torrent = view.Torrent;
        PieceBuffer? buffer = null;
        lock (_lock)
        {
            if (torrent.View == view && torrent.Ram.TryGetValue(piece, out var ram) && !ram.Spilled)
            {
                buffer = ram.Buffer;
                buffer.AddHolder();
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
            buffer.Release();
        }
    }

    private async ValueTask<int> ReadFromDiskAsync(
        TorrentView view,
        int piece,
        int offset,
        Memory<byte> destination,
        CancellationToken cancellationToken
    )
    {
        if (!diskReads.Wait(0, cancellationToken))
        {
            await diskReads.WaitAsync(cancellationToken);
        }

        try
        {
            while (true)
            {
                if (!TryBegin(view, piece, offset, destination.Length, out var read))
                {
                    return 0;
                }

                if (read.Check is null)
                {
                    return Read(view, piece, read, destination.Span[..read.Length]);
                }

                pins.Unpin(read.Group);
                await read.Check.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            diskReads.Release();
        }
    }

    /// <summary>Pins the piece's slots for one read. False: it is not in them.</summary>
    private bool TryBegin(TorrentView view, int piece, int offset, int most, out SlotRead read)
    {
        lock (_lock)
        {
            if (!pins.TryPin(view, piece, out var group))
            {
                read = default;
                return false;
            }

            var layout = view.Torrent.Layout!;
            var (part, at) = layout.Locate(piece, offset);
            var length = Math.Min(Math.Min(MaxRead, most), Math.Min(layout.Pieces.LengthOf(piece) - offset, index.SlotLength - at));
            var isConfirmed = (group.Confirmed & layout.BitOf(piece)) != 0 || view.Torrent.IsSpilled(piece);
            read = new SlotRead(group, group.Slots[part], at, length, isConfirmed ? null : confirmer.CheckAsync(view, group, piece));
            return true;
        }
    }

    /// <summary>Reads from a pinned slot, and unpins it. 0: the piece was damaged, and is dropped: otherwise it would be asked for again for ever.</summary>
    private int Read(TorrentView view, int piece, in SlotRead read, Span<byte> destination)
    {
        try
        {
            var count = ReadSlot(read, destination);
            if (count <= 0)
            {
                confirmer.Damaged(view, read.Group, piece);
            }

            if (count == 0)
            {
                confirmer.DoubtAll();
            }

            return Math.Max(0, count);
        }
        finally
        {
            pins.Unpin(read.Group);
        }
    }

    /// <summary>-1: the disk cannot be read; 0: its file has become shorter.</summary>
    private int ReadSlot(in SlotRead read, Span<byte> destination)
    {
        try
        {
            return slabs.Read(read.Slot, read.Offset, destination);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    /// <param name="Group">Pinned.</param>
    /// <param name="Slot">The slot to read from.</param>
    /// <param name="Offset">Bytes from the slot's start.</param>
    /// <param name="Length">Bytes to read.</param>
    /// <param name="Check">The hash check that has to end before anything is read; null: none.</param>
    private readonly record struct SlotRead(CacheGroup Group, int Slot, int Offset, int Length, Task? Check);
}
