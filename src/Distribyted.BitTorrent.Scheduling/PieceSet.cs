using System.Numerics;

namespace Distribyted.BitTorrent.Scheduling;

/// <summary>A set of pieces: a bit each, or one word for "all of them", which is what most peers have.</summary>
internal sealed class PieceSet(int count)
{
    private ulong[] _words = [];
    private bool _all;

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => !_all && !_words.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>Whether every piece is known to be in it.</summary>
    public bool IsAll => _all;

    /// <summary>Whether this piece is in it. False for pieces that do not exist.</summary>
    public bool Has(int piece)
    {
        return _all ? (uint)piece < (uint)count : (uint)(piece >> 6) < (uint)_words.Length && (_words[piece >> 6] >> piece & 1) != 0;
    }

    /// <summary>Whether all of the pieces from <paramref name="first"/> to before <paramref name="end"/>, which exist, are in it.</summary>
    public bool HasAll(int first, int end)
    {
        if (_all || first >= end)
        {
            return true;
        }

        if (_words.Length == 0)
        {
            return false;
        }

        var last = end - 1;
        for (var word = first >> 6; word <= last >> 6; word++)
        {
            var mask = ulong.MaxValue;
            mask &= word == first >> 6 ? ulong.MaxValue << first : mask;
            mask &= word == last >> 6 ? ulong.MaxValue >> (63 - (last & 63)) : mask;
            if ((~_words[word] & mask) != 0)
            {
                return false;
            }
        }

        return true;
    }

    public void Add(int piece)
    {
        if (_all || (uint)piece >= (uint)count)
        {
            return;
        }

        Allocate();
        _words[piece >> 6] |= 1UL << piece;
    }

    public void Remove(int piece)
    {
        if ((uint)piece >= (uint)count || !Has(piece))
        {
            return;
        }

        if (_all)
        {
            _all = false;
            Allocate();
            _words.AsSpan().Fill(ulong.MaxValue);
            if ((count & 63) != 0)
            {
                _words[^1] = (1UL << count) - 1;
            }
        }

        _words[piece >> 6] &= ~(1UL << piece);
    }

    public void AddAll()
    {
        _all = true;
    }

    public void Clear()
    {
        _all = false;
        _words.AsSpan().Clear();
    }

    /// <summary>Takes a bitfield in wire order: the high bit of the first byte is piece 0 (BEP 3). Bits past the end are ignored.</summary>
    public void Load(ReadOnlySpan<byte> bits)
    {
        Clear();
        Allocate();
        var here = 0;
        var bytes = Math.Min(bits.Length, (count + 7) / 8);
        for (var i = 0; i < bytes; i++)
        {
            var value = bits[i];
            if (i == (count - 1) / 8 && (count & 7) != 0)
            {
                value &= (byte)(0xFF00 >> (count & 7));
            }

            here += BitOperations.PopCount(value);
            for (var rest = value; rest != 0; rest &= (byte)(rest - 1))
            {
                var piece = (i * 8) + 7 - BitOperations.TrailingZeroCount(rest);
                _words[piece >> 6] |= 1UL << piece;
            }
        }

        _all = here == count;
    }

    private void Allocate()
    {
        if (_words.Length == 0)
        {
            _words = new ulong[(count + 63) / 64];
        }
    }
}
