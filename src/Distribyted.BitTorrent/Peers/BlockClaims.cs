using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Peers;

/// <summary>The blocks of one receive batch that are wanted: claimed under the swarm's lock, filled in when it is released. One per connection, used again for each batch.</summary>
internal sealed class BlockClaims
{
    private readonly BlockClaim[] _claims;
    private int _count;

    /// <param name="most">Most claims of one batch.</param>
    public BlockClaims(int most)
    {
        _claims = new BlockClaim[most];
    }

    public bool IsFull => _count == _claims.Length;

    /// <summary>Whether a block came, wanted or not: then more of them are under way.</summary>
    public bool HasSeenBlock { get; set; }

    public ReadOnlySpan<BlockClaim> All => _claims.AsSpan(0, _count);

    /// <summary>These bytes of a block are to be filled in.</summary>
    /// <param name="piece">Where.</param>
    /// <param name="block">Which block of the piece.</param>
    /// <param name="data">The bytes, a part of <paramref name="batch"/>.</param>
    /// <param name="batch">What was received.</param>
    public void Add(OpenPiece piece, int block, ReadOnlySpan<byte> data, ReadOnlySpan<byte> batch)
    {
        var start = (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(batch), ref MemoryMarshal.GetReference(data));
        _claims[_count++] = new BlockClaim(piece, block, start, data.Length);
    }

    public void Clear()
    {
        _claims.AsSpan(0, _count).Clear();
        _count = 0;
    }
}
