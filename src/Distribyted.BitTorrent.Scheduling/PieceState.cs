using System.Numerics;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>A piece that is being fetched: which blocks are here, which are asked of which peer. Pooled.</summary>
internal sealed class PieceState(int maxBlocks)
{
    /// <summary>Most peers that one block is asked of.</summary>
    public const int MaxOwners = 3;

    private readonly ulong[] _filled = new ulong[(maxBlocks + 63) / 64];
    private readonly ulong[] _busy = new ulong[(maxBlocks + 63) / 64];
    private readonly short[] _owners = new short[maxBlocks * MaxOwners];
    private ulong[] _contributors = new ulong[1];

    public int Piece { get; private set; }
    public int Blocks { get; private set; }
    public int Filled { get; private set; }

    /// <summary>Blocks that are here or asked.</summary>
    public int Busy { get; private set; }

    /// <summary>Blocks hashed, from the first on.</summary>
    public int Frontier { get; set; }

    /// <summary>When it fell out of every window; -1: it is in one.</summary>
    public long OrphanSince { get; set; }

    /// <summary>Deadline while it is urgent; <see cref="long.MaxValue"/>: read-ahead.</summary>
    public long Deadline { get; set; }

    /// <summary>Index of the only peer that may be asked; -1: every peer.</summary>
    public int OnlyFrom { get; set; }

    /// <summary>Its hash was wrong and no single peer is chosen yet.</summary>
    public bool Suspect { get; set; }

    /// <summary>Place in the table of open pieces.</summary>
    public int Index { get; set; }

    public bool IsAsked => Busy > Filled;

    public void Open(int piece, int blocks)
    {
        Piece = piece;
        Blocks = blocks;
        OrphanSince = -1;
        Deadline = long.MaxValue;
        OnlyFrom = -1;
        Suspect = false;
        _contributors.AsSpan().Clear();
        Reset();
    }

    /// <summary>Every block is missing again.</summary>
    public void Reset()
    {
        Filled = Busy = Frontier = 0;
        _filled.AsSpan().Clear();
        _busy.AsSpan().Clear();
        _owners.AsSpan(0, Blocks * MaxOwners).Fill(-1);
    }

    public bool IsFilled(int block)
    {
        return (_filled[block >> 6] >> block & 1) != 0;
    }

    public bool IsBusy(int block)
    {
        return (_busy[block >> 6] >> block & 1) != 0;
    }

    /// <summary>First block from here on that is neither here nor asked; <see cref="Blocks"/>: none.</summary>
    public int NextMissing(int from)
    {
        for (var word = from >> 6; word < _busy.Length; word++)
        {
            var missing = ~_busy[word];
            if (word == from >> 6)
            {
                missing &= ulong.MaxValue << from;
            }

            if (missing != 0)
            {
                return Math.Min((word << 6) + BitOperations.TrailingZeroCount(missing), Blocks);
            }
        }

        return Blocks;
    }

    /// <summary>Who was asked for a block; -1 ends the list.</summary>
    public ReadOnlySpan<short> OwnersOf(int block)
    {
        return _owners.AsSpan(block * MaxOwners, MaxOwners);
    }

    public void AddOwner(int block, int peer)
    {
        var owners = _owners.AsSpan(block * MaxOwners, MaxOwners);
        owners[owners.IndexOf((short)-1)] = (short)peer;
        SetBusy(block);
    }

    /// <summary>Removes an owner; a block without any is missing again.</summary>
    public void RemoveOwner(int block, int peer)
    {
        var owners = _owners.AsSpan(block * MaxOwners, MaxOwners);
        var at = owners.IndexOf((short)peer);
        if (at < 0)
        {
            return;
        }

        owners[(at + 1)..].CopyTo(owners[at..]);
        owners[^1] = -1;
        if (owners[0] < 0 && !IsFilled(block))
        {
            _busy[block >> 6] &= ~(1UL << block);
            Busy--;
        }
    }

    public void Fill(int block, int peer)
    {
        _filled[block >> 6] |= 1UL << block;
        Filled++;
        SetBusy(block);
        if (peer >> 6 >= _contributors.Length)
        {
            Array.Resize(ref _contributors, (peer >> 6) + 1);
        }

        _contributors[peer >> 6] |= 1UL << peer;
    }

    /// <summary>How many peers have sent blocks of it, the failed attempts included.</summary>
    public int Contributors
    {
        get
        {
            var count = 0;
            foreach (var word in _contributors)
            {
                count += BitOperations.PopCount(word);
            }

            return count;
        }
    }

    public bool HasContributed(int peer)
    {
        return peer >> 6 < _contributors.Length && (_contributors[peer >> 6] >> peer & 1) != 0;
    }

    /// <summary>Removes a peer from the contributors, because its slot belongs to another peer now.</summary>
    public void RemoveContributor(int peer)
    {
        if (peer >> 6 < _contributors.Length)
        {
            _contributors[peer >> 6] &= ~(1UL << peer);
        }
    }

    private void SetBusy(int block)
    {
        if (!IsBusy(block))
        {
            _busy[block >> 6] |= 1UL << block;
            Busy++;
        }
    }
}
