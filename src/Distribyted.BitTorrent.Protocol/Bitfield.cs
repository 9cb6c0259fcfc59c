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

    /// <summary>Whether this piece is set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such piece: check what a peer sent first.</exception>
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
}
