using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>Pieces in the slots of their groups: writing, and checking by hash. I/O without the cache's lock; the group is pinned or in use.</summary>
internal sealed class GroupFiles(SlabStore slabs)
{
    private const int MaxCheck = 256 * 1024; // bytes hashed at a time

    /// <summary>Writes all of a verified piece, unless its bytes are in the slots already.</summary>
    public void Write(RamPiece piece)
    {
        for (var offset = 0; !piece.Spilled && offset < piece.Buffer.Length; offset += ExtentPool.SlabLength)
        {
            var length = Math.Min(ExtentPool.SlabLength, piece.Buffer.Length - offset);
            Write(piece.Torrent.Layout!, piece.Group!, piece.Piece, offset, piece.Buffer.Slice(offset, length));
        }
    }

    /// <summary>Writes bytes of a piece.</summary>
    public void Write(GroupLayout layout, CacheGroup group, int piece, int offset, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var (part, at) = layout.Locate(piece, offset);
            var count = Math.Min(data.Length, slabs.SlotLength - at);
            slabs.Write(group.Slots[part], at, data[..count]);
            data = data[count..];
            offset += count;
        }
    }

    /// <summary>Whether a piece is in its slots, as its hash says. False also when it cannot be read.</summary>
    public bool IsRight(GroupLayout layout, CacheGroup group, int piece, ReadOnlySpan<byte> hash)
    {
        var slots = group.Slots;
        var length = layout.Pieces.LengthOf(piece);
        var buffer = LargeBuffers.Rent(Math.Min(MaxCheck, length));
        var hasher = PieceHasher.Rent();
        try
        {
            for (var offset = 0; offset < length; )
            {
                var (part, at) = layout.Locate(piece, offset);
                var count = Math.Min(Math.Min(MaxCheck, length - offset), slabs.SlotLength - at);
                if (slabs.Read(slots[part], at, buffer.AsSpan(0, count)) < count)
                {
                    return false;
                }

                hasher.Append(buffer.AsSpan(0, count));
                offset += count;
            }

            return hasher.Matches(hash);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // logged with the piece that is dropped for it
        }
        finally
        {
            PieceHasher.Return(hasher);
            LargeBuffers.Return(buffer);
        }
    }
}
