using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Unpacking.Deflate;

/// <summary>Finds the symbol that the next bits are, in one or two look-ups (RFC 1951, section 3.2.2).</summary>
/// <remarks>An entry is, from its lowest bit on: 5 bits, how many bits it takes; 3 bits, its kind; 8 bits, how many bits follow it, or index the second table; 16 bits, its
/// value, or where the second table begins.</remarks>
/// <param name="firstBits">Bits of the first look-up.</param>
/// <param name="size">Entries of all tables together, at most.</param>
internal sealed class HuffmanTable(int firstBits, int size)
{
    public const uint Literal = 0;
    public const uint Base = 1 << 5;
    public const uint End = 2 << 5;
    public const uint Second = 3 << 5;
    public const uint Invalid = 4 << 5;
    public const uint KindMask = 7 << 5;

    private const int MaxLength = 15;

    /// <summary>The first table, then the second ones.</summary>
    public uint[] Entries { get; } = new uint[size];

    /// <summary>Makes the tables.</summary>
    /// <param name="lengths">Bits of each symbol's code; 0: it has none.</param>
    /// <param name="symbols">Entry of each symbol, without how many bits its code takes.</param>
    /// <exception cref="ArchiveException">No such code exists.</exception>
    public void Build(ReadOnlySpan<byte> lengths, ReadOnlySpan<uint> symbols)
    {
        Span<int> counts = stackalloc int[MaxLength + 1];
        counts.Clear();
        foreach (var length in lengths)
        {
            counts[length]++;
        }

        counts[0] = 0;
        Span<int> next = stackalloc int[MaxLength + 2];
        var code = 0;
        for (var length = 1; length <= MaxLength; length++)
        {
            next[length] = code;
            code += counts[length];
            if (code > 1 << length)
            {
                throw InflateStream.Damaged("has a code with too many symbols");
            }

            code <<= 1;
        }

        // Only one symbol of one bit, or none at all, may leave bits without meaning.
        if (code != 1 << (MaxLength + 1) && lengths.ContainsAnyExcept((byte)0, (byte)1))
        {
            throw InflateStream.Damaged("has a code with too few symbols");
        }

        Entries.AsSpan(0, 1 << firstBits).Fill(Invalid | 1);
        var end = 1 << firstBits;
        for (var length = MaxLength; length > 0; length--) // the longest first: a second table is as large as the first code in it needs
        {
            for (var symbol = 0; counts[length] > 0 && symbol < lengths.Length; symbol++)
            {
                if (lengths[symbol] == length)
                {
                    end = Add(Reverse(next[length]++, length), length, symbols[symbol], end);
                }
            }
        }
    }

    private int Add(int code, int length, uint entry, int end)
    {
        if (length <= firstBits)
        {
            Fill(0, 1 << firstBits, code, length, entry);
            return end;
        }

        ref var first = ref Entries[code & ((1 << firstBits) - 1)];
        if ((first & KindMask) != Second)
        {
            var bits = length - firstBits;
            if (end + (1 << bits) > Entries.Length)
            {
                throw InflateStream.Damaged("has a code that is too long");
            }

            first = ((uint)end << 16) | ((uint)bits << 8) | Second | (uint)firstBits;
            Entries.AsSpan(end, 1 << bits).Fill(Invalid | 1);
            end += 1 << bits;
        }

        Fill((int)(first >> 16), 1 << (int)((first >> 8) & 0xFF), code >> firstBits, length - firstBits, entry);
        return end;
    }

    private void Fill(int start, int count, int code, int length, uint entry)
    {
        for (var i = code; i < count; i += 1 << length)
        {
            Entries[start + i] = entry | (uint)length;
        }
    }

    private static int Reverse(int code, int length)
    {
        var reversed = 0u;
        for (var i = 0; i < length; i++)
        {
            reversed = (reversed << 1) | (((uint)code >> i) & 1);
        }

        return (int)reversed;
    }
}
