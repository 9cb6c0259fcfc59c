using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Storage.Assembly;

/// <summary>
/// A piece in memory while its blocks come: filled by many loops at once, hashed by whichever of them finds the next block in place.
/// </summary>
/// <remarks>
/// Copying happens outside every lock: each block belongs to the loop that claimed it. <c>_hashing</c> is acquired with an exchange; the loop that acquires it
/// hashes every contiguous block, gives it back, and looks once more, so that a block filled in between is never left behind.
/// <c>_state</c> counts the loops inside, so that the memory is returned only when the last of them has left.
/// </remarks>
internal sealed class PieceAssembly : OpenPiece
{
    private const int BlockLength = Protocol.PieceLayout.BlockLength;
    private const int Gone = 1 << 30;
    private const int Done = 1 << 29;

    private readonly IPieceDestination _destination;
    private readonly ReadOnlyMemory<byte> _expected;
    private readonly PieceHasher _hasher = PieceHasher.Rent();
    private readonly int _blocks;
    private readonly ulong[] _filled;
    private readonly ulong[]? _spilled; // keyed hashes of the blocks that left the memory
    private long[] _sources;
    private PieceBlame? _blame;
    private IReadOnlyList<long> _failedSources = [];
    private IReadOnlyList<long> _liars = [];
    private int _frontier;
    private int _hashing;
    private int _state;
    private int _released;

    /// <summary>Opens a piece.</summary>
    /// <param name="piece">Its number.</param>
    /// <param name="expected">Its SHA-1.</param>
    /// <param name="buffer">Its memory; it belongs to this object until it is verified or discarded.</param>
    /// <param name="spills">Whether whole extents leave the memory as soon as they are hashed.</param>
    /// <param name="destination">Takes it over.</param>
    public PieceAssembly(int piece, ReadOnlyMemory<byte> expected, PieceBuffer buffer, bool spills, IPieceDestination destination)
    {
        Piece = piece;
        Buffer = buffer;
        Spills = spills;
        _destination = destination;
        _expected = expected;
        _blocks = (buffer.Length + BlockLength - 1) / BlockLength;
        _filled = new ulong[(_blocks + 63) / 64];
        _sources = new long[_blocks];
        _spilled = spills ? new ulong[_blocks] : null;
    }

    public override int Piece { get; }

    public override int HashedBlocks => Volatile.Read(ref _frontier);

    public override IReadOnlyList<long> Sources => _failedSources;

    public override IReadOnlyList<long> Liars => _liars;

    public PieceBuffer Buffer { get; }

    /// <summary>Whether the destination has all bytes already when the piece is verified.</summary>
    public bool Spills { get; }

    /// <summary>Whether the destination did not take bytes of it.</summary>
    public bool IsRefusedByDisk { get; private set; }

    public override PieceProgress Fill(int block, ReadOnlySpan<byte> data, long source)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)_blocks, nameof(block));
        if (data.Length != LengthOf(block))
        {
            throw new ArgumentException($"Block {block} has {LengthOf(block)} bytes, not {data.Length}.", nameof(data));
        }

        if ((Interlocked.Increment(ref _state) & (Gone | Done)) != 0)
        {
            Exit();
            return PieceProgress.Filling;
        }

        try
        {
            if (IsFilled(block))
            {
                return PieceProgress.Filling;
            }

            Buffer.Write(block * BlockLength, data);
            _sources[block] = source;
            Interlocked.Or(ref _filled[block >> 6], 1UL << (block & 63));
            return Pump();
        }
        finally
        {
            Exit();
        }
    }

    public override void Discard()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if ((state & (Gone | Done)) != 0)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref _state, state | Gone, state) == state)
            {
                if (state == 0)
                {
                    Release();
                }

                return;
            }
        }
    }

    private PieceProgress Pump()
    {
        while (Interlocked.Exchange(ref _hashing, 1) == 0)
        {
            try
            {
                var frontier = _frontier;
                while (frontier < _blocks && IsFilled(frontier))
                {
                    _hasher.Append(Block(frontier));
                    frontier++;
                    if (_spilled is not null && (frontier == _blocks || frontier * BlockLength % ExtentPool.SlabLength == 0))
                    {
                        Spill(frontier);
                    }

                    Volatile.Write(ref _frontier, frontier);
                }

                if (frontier == _blocks)
                {
                    return _hasher.Matches(_expected.Span) ? Succeed() : Fail();
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                IsRefusedByDisk = true; // the destination has logged why; _hashing stays acquired
                return PieceProgress.RefusedByDisk;
            }

            Interlocked.Exchange(ref _hashing, 0);
            if (!IsFilled(Volatile.Read(ref _frontier)))
            {
                break;
            }
        }

        return PieceProgress.Filling;
    }

    private PieceProgress Succeed()
    {
        if (_blame is not null)
        {
            _liars = _blame.FindLiars(HashBlocks());
        }

        while (true)
        {
            var state = Volatile.Read(ref _state);
            if ((state & Gone) != 0)
            {
                return PieceProgress.Filling; // given up meanwhile; Exit returns the memory
            }

            if (Interlocked.CompareExchange(ref _state, state | Done, state) == state)
            {
                break;
            }
        }

        PieceHasher.Return(_hasher); // _hashing stays acquired: no other loop comes here
        _destination.Verified(this);
        return PieceProgress.Verified;
    }

    private PieceProgress Fail()
    {
        _blame ??= new PieceBlame();
        var sources = _sources;
        _blame.Record(HashBlocks(), sources);
        _sources = new long[_blocks];
        _failedSources = [.. new HashSet<long>(sources)];
        _hasher.Reset();
        Volatile.Write(ref _frontier, 0);
        for (var i = 0; i < _filled.Length; i++)
        {
            Interlocked.Exchange(ref _filled[i], 0);
        }

        Interlocked.Exchange(ref _hashing, 0);
        return PieceProgress.Failed;
    }

    private void Spill(int end)
    {
        var start = (end - 1) * BlockLength / ExtentPool.SlabLength * ExtentPool.SlabLength;
        var length = Math.Min(end * BlockLength, Buffer.Length) - start;
        for (var block = start / BlockLength; block < end; block++)
        {
            _spilled![block] = KeyedHash.Compute(Block(block));
        }

        _destination.Spill(this, start, Buffer.Slice(start, length));
        Buffer.Free(start / ExtentPool.SlabLength);
    }

    private ulong[] HashBlocks()
    {
        if (_spilled is not null)
        {
            return (ulong[])_spilled.Clone();
        }

        var hashes = new ulong[_blocks];
        for (var i = 0; i < _blocks; i++)
        {
            hashes[i] = KeyedHash.Compute(Block(i));
        }

        return hashes;
    }

    private ReadOnlySpan<byte> Block(int block)
    {
        return Buffer.Slice(block * BlockLength, LengthOf(block));
    }

    private int LengthOf(int block)
    {
        return Math.Min(BlockLength, Buffer.Length - (block * BlockLength));
    }

    private bool IsFilled(int block)
    {
        return block < _blocks && (Volatile.Read(ref _filled[block >> 6]) & (1UL << (block & 63))) != 0;
    }

    private void Exit()
    {
        if (Interlocked.Decrement(ref _state) == Gone)
        {
            Release();
        }
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            PieceHasher.Return(_hasher);
            Buffer.Release();
            _destination.Discarded(this);
        }
    }
}
