using System.Buffers.Binary;
using System.Numerics;

namespace Distribyted.BitTorrent.Protocol;

/// <summary>One bit for each piece: who has what (BEP 3). Not thread-safe.</summary>
public sealed class Bitfield
{
    private const int WordBits = 64;

    private readonly ulong[] _words; // the first piece is the highest bit of the first word, as on the wire

    /// <summary>All pieces missing.</summary>
    /// <param name="length">Pieces, 0 to <see cref="PieceLayout.MaxPieceCount"/>.</param>
    public Bitfield(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unchecked((uint)length), (uint)PieceLayout.MaxPieceCount, nameof(length));
        Length = length;
        _words = new ulong[(length + WordBits - 1) / WordBits];
    }

    /// <summary>How many pieces there are.</summary>
    public int Length { get; }

    /// <summary>How many of them are set.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes on the wire.</summary>
    public int ByteLength => (Length + 7) / 8;

    /// <summary>Every piece is set.</summary>
    public bool IsFull => Count == Length;

    /// <summary>No piece is set.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Whether this piece is set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such piece: judge what a peer says first.</exception>
    public bool this[int piece]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(unchecked((uint)piece), (uint)Length, nameof(piece));
            return (_words[piece / WordBits] & Mask(piece)) != 0;
        }
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(unchecked((uint)piece), (uint)Length, nameof(piece));
            ref var word = ref _words[piece / WordBits];
            var before = word;
            word = value ? word | Mask(piece) : word & ~Mask(piece);
            Count += BitOperations.PopCount(word) - BitOperations.PopCount(before);
        }
    }

    /// <summary>Reads the bytes of a bitfield message. Spare bits at the end mean nothing, whatever they are: BEP 3 wants them zero, some clients set them.</summary>
    /// <exception cref="ProtocolException">Not the right number of bytes for so many pieces.</exception>
    public static Bitfield FromBytes(ReadOnlySpan<byte> bytes, int length)
    {
        var bits = new Bitfield(length);
        if (bytes.Length != bits.ByteLength)
        {
            throw new ProtocolException(
                ProtocolError.Invalid,
                $"A bitfield for {length} pieces has {bits.ByteLength} bytes, not {bytes.Length}."
            );
        }

        Span<byte> last = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < bits._words.Length; i++)
        {
            scoped var here = bytes[(i * sizeof(ulong))..];
            if (here.Length < sizeof(ulong))
            {
                last.Clear();
                here.CopyTo(last);
                here = last;
            }

            bits._words[i] = BinaryPrimitives.ReadUInt64BigEndian(here);
        }

        if (length % WordBits != 0)
        {
            bits._words[^1] &= ~(ulong.MaxValue >> (length % WordBits));
        }

        bits.Recount();
        return bits;
    }

    /// <summary>Writes the bytes of a bitfield message and says how many.</summary>
    /// <param name="destination">At least <see cref="ByteLength"/> bytes.</param>
    public int CopyTo(Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (var at = 0; at < ByteLength; at += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64BigEndian(word, _words[at / sizeof(ulong)]);
            word[..Math.Min(sizeof(ulong), ByteLength - at)].CopyTo(destination[at..]);
        }

        return ByteLength;
    }

    /// <summary>A copy that goes its own way.</summary>
    public Bitfield Clone()
    {
        var copy = new Bitfield(Length);
        copy.CopyFrom(this);
        return copy;
    }

    /// <summary>Becomes equal to another of the same length.</summary>
    public void CopyFrom(Bitfield other)
    {
        RequireSameLength(other);
        other._words.CopyTo(_words.AsSpan());
        Count = other.Count;
    }

    /// <summary>Sets every piece.</summary>
    public void SetAll()
    {
        _words.AsSpan().Fill(ulong.MaxValue);
        if (Length % WordBits != 0)
        {
            _words[^1] = ~(ulong.MaxValue >> (Length % WordBits));
        }

        Count = Length;
    }

    /// <summary>Clears every piece.</summary>
    public void Clear()
    {
        _words.AsSpan().Clear();
        Count = 0;
    }

    /// <summary>Adds the pieces of another.</summary>
    public void UnionWith(Bitfield other)
    {
        RequireSameLength(other);
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] |= other._words[i];
        }

        Recount();
    }

    /// <summary>Keeps only what the other has too.</summary>
    public void IntersectWith(Bitfield other)
    {
        RequireSameLength(other);
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] &= other._words[i];
        }

        Recount();
    }

    /// <summary>Takes away what the other has.</summary>
    public void ExceptWith(Bitfield other)
    {
        RequireSameLength(other);
        for (var i = 0; i < _words.Length; i++)
        {
            _words[i] &= ~other._words[i];
        }

        Recount();
    }

    /// <summary>Whether a piece is set in both.</summary>
    public bool Overlaps(Bitfield other)
    {
        RequireSameLength(other);
        for (var i = 0; i < _words.Length; i++)
        {
            if ((_words[i] & other._words[i]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it has a piece that the other lacks.</summary>
    public bool HasAnyMissingIn(Bitfield other)
    {
        RequireSameLength(other);
        for (var i = 0; i < _words.Length; i++)
        {
            if ((_words[i] & ~other._words[i]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The first set piece from <paramref name="from"/> on; -1: none.</summary>
    public int NextSet(int from)
    {
        return Next(from, 0);
    }

    /// <summary>The first piece from <paramref name="from"/> on that is not set; -1: none.</summary>
    public int NextClear(int from)
    {
        return Next(from, ulong.MaxValue);
    }

    private int Next(int from, ulong flip)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        if (from >= Length)
        {
            return -1;
        }

        var at = from / WordBits;
        var word = (_words[at] ^ flip) & (ulong.MaxValue >> (from % WordBits));
        while (word == 0)
        {
            if (++at == _words.Length)
            {
                return -1;
            }

            word = _words[at] ^ flip;
        }

        var piece = (at * WordBits) + BitOperations.LeadingZeroCount(word);
        return piece < Length ? piece : -1;
    }

    private static ulong Mask(int piece)
    {
        return 1UL << (WordBits - 1 - (piece % WordBits));
    }

    private void Recount()
    {
        var count = 0;
        foreach (var word in _words)
        {
            count += BitOperations.PopCount(word);
        }

        Count = count;
    }

    private void RequireSameLength(Bitfield other)
    {
        if (other.Length != Length)
        {
            throw new ArgumentException($"{other.Length} pieces, not {Length}.", nameof(other));
        }
    }
}
