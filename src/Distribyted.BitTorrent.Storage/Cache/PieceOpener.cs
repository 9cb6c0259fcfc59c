using System.Diagnostics;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Opens pieces: reserves memory and slots before the first block, and takes the piece over when it is verified or given up.</summary>
internal sealed class PieceOpener(
    Lock @lock,
    CacheIndex index,
    ExtentPool pool,
    MemoryPieces memory,
    CacheGroups groups,
    GroupFiles files,
    JournalKeeper journal,
    DiskState disk,
    SpaceWaiters space,
    int maxAhead
)
{
    private readonly Lock _lock = @lock;

    public PieceOpening TryOpen(TorrentView view, int piece, bool urgent)
    {
        lock (_lock)
        {
            var torrent = view.Torrent;
            if (index.IsClosed || torrent.View != view)
            {
                return default;
            }

            var layout = torrent.Layout!;
            var number = layout.GroupOf(piece);
            var parts = layout.PartsOf(number);
            if (parts > index.Capacity)
            {
                return new PieceOpening(null, (long)parts * index.SlotLength, (long)index.Capacity * index.SlotLength);
            }

            var group = torrent.Groups.GetValueOrDefault(number);
            if (torrent.Ram.ContainsKey(piece) || (group is not null && (group.Stored & layout.BitOf(piece)) != 0))
            {
                return default; // it is here
            }

            if (space.MustWait(view, urgent, group is null ? parts : 0, out var need))
            {
                return new PieceOpening { LacksMemory = view.LacksMemory };
            }

            var open = Reserve(view, piece, group, need);
            return new PieceOpening(open) { LacksMemory = open is null && view.LacksMemory };
        }
    }

    /// <summary>Writes bytes of an open piece that is longer than the memory it may have. Without the lock.</summary>
    /// <exception cref="IOException">The slots did not take them.</exception>
    public void Spill(CachedTorrent torrent, CacheGroup group, int piece, int offset, ReadOnlySpan<byte> data)
    {
        try
        {
            files.Write(torrent.Layout!, group, piece, offset, data);
        }
        catch (Exception exception)
        {
            lock (_lock)
            {
                disk.Refused(exception.Message);
            }

            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>An open piece has the right hash: it can be read, and is queued for writing. Takes the lock.</summary>
    /// <param name="torrent">Its torrent.</param>
    /// <param name="group">Its slots; null: it stays in memory only.</param>
    /// <param name="piece">The piece, which ends with this.</param>
    /// <param name="doubts"><see cref="CacheIndex.Doubts"/> when it was opened.</param>
    public void Verified(CachedTorrent torrent, CacheGroup? group, PieceAssembly piece, int doubts)
    {
        lock (_lock)
        {
            var isReplaced = torrent.Node is null && index.Find(torrent.Hash) is not null; // removed, and added anew since
            if (index.IsClosed || group is { Dead: true } || isReplaced || torrent.Ram.ContainsKey(piece.Piece))
            {
                piece.Buffer.Release();
                FreeReserved(group, piece.Buffer.Reserved);
                return;
            }

            var ram = new RamPiece(torrent, piece.Piece, group, piece.Buffer, piece.Spills)
            {
                State = group is null ? RamState.RamOnly : RamState.Waiting,
                Doubts = doubts,
            };
            memory.Add(ram);
            if (group is not null)
            {
                journal.Write(ram);
            }
        }
    }

    /// <summary>An open piece was given up. Takes the lock.</summary>
    public void Discarded(CacheGroup? group, PieceAssembly piece)
    {
        lock (_lock)
        {
            if (piece.IsRefusedByDisk)
            {
                index.SetAsideIfEmpty(group!);
            }

            FreeReserved(group, piece.Buffer.Reserved);
        }
    }

    /// <summary>Reserves memory, and slots where the group has none. Null: there is no space now.</summary>
    private PieceAssembly? Reserve(TorrentView view, int piece, CacheGroup? group, SpaceNeed need)
    {
        var torrent = view.Torrent;
        var layout = torrent.Layout!;
        var urgent = need != SpaceNeed.Ahead;
        var length = layout.Pieces.LengthOf(piece);
        var spills = length > maxAhead;
        var bytes = spills ? maxAhead + ExtentPool.SlabLength : ExtentPool.BytesFor(length);
        if (!pool.TryReserve(bytes, urgent) && !(memory.Shed(bytes) && pool.TryReserve(bytes, urgent)))
        {
            space.RefuseMemory(view, need);
            return null;
        }

        try
        {
            var number = layout.GroupOf(piece);
            var parts = layout.PartsOf(number);
            group ??= groups.TryCreate(torrent, number, parts, need);
            if (group is null && (spills || !disk.IsFull))
            {
                pool.Release(bytes);
                space.RefuseSlots(view, need, parts);
                return null;
            }

            if (urgent && space.Remove(view))
            {
                space.Changed();
            }

            if (group is not null)
            {
                index.BeginUse(group);
            }

            return new PieceAssembly(
                piece,
                view.Info.PieceHashes.Slice(piece * SHA1.HashSizeInBytes, SHA1.HashSizeInBytes),
                new PieceBuffer(pool, length, bytes),
                spills,
                new ReservedSlots(this, torrent, group, index.Doubts)
            );
        }
        catch
        {
            FreeReserved(group, bytes);
            throw;
        }
    }

    private void FreeReserved(CacheGroup? group, long reserved)
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
        pool.Release(reserved);
        if (group is not null)
        {
            index.EndUse(group);
        }

        space.Changed();
    }
}
