// Longer than most: the state between two symbols is one thing, and is kept in locals while it changes.
using System.Buffers.Binary;
using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Unpacking.Deflate;

/// <summary>Decompresses deflate (RFC 1951), and can go on from a state that was saved at any byte, which that of the system cannot.</summary>
internal sealed class InflateStream : ForwardStream, IResumable
{
    private const int WindowLength = 32 * 1024;
    private const int StepLength = 64 * 1024;
    private const int LongestMatch = 258;
    private const int Overshoot = 8; // copies go in steps of 8 bytes
    private const int InputLength = 32 * 1024;
    private const int LiteralBits = 11;
    private const int DistanceBits = 8;

    // What a length and a distance take together: 15 + 5 + 15 + 13.
    private const int MostBits = 48;

    private static readonly uint[] LiteralSymbols = MakeLiterals();
    private static readonly uint[] DistanceSymbols = MakeDistances();
    private static readonly uint[] LengthSymbols = [.. Enumerable.Range(0, 19).Select(static symbol => (uint)symbol << 16)];

    private readonly Stream _source;
    private readonly byte[] _input = new byte[InputLength];
    private readonly byte[] _output = new byte[WindowLength + StepLength + LongestMatch + Overshoot];
    private readonly HuffmanTable _literals = new(LiteralBits, 4096);
    private readonly HuffmanTable _distances = new(DistanceBits, 2048);
    private readonly byte[] _lengths = new byte[288 + 32];
    private int _literalCount;
    private int _lengthCount;
    private long _taken; // bytes of the source before _input
    private int _inputAt;
    private int _inputEnd;
    private ulong _bits;
    private int _bitCount;
    private int _outputAt; // what was read of _output
    private int _outputEnd;
    private InflateBlock _block;
    private bool _isLast;
    private int _storedLeft;

    /// <param name="source">The packed bytes, from <see cref="InflateState.Packed"/> on; disposed with this one.</param>
    /// <param name="from">Where to go on; null: at the start.</param>
    public InflateStream(Stream source, InflateState? from = null)
    {
        _source = source;
        if (from is not null)
        {
            Resume(from);
        }
    }

    public InflateState Save()
    {
        var start = Math.Max(0, _outputAt - WindowLength);
        return new InflateState(
            _taken + _inputAt,
            _bits & ((1UL << _bitCount) - 1), // never 64
            _bitCount,
            _block,
            _isLast,
            _storedLeft,
            _lengths[.._lengthCount],
            _literalCount,
            _output[start.._outputEnd],
            _outputEnd - _outputAt
        );
    }

    ISavedState? IResumable.Save()
    {
        return Save();
    }

    /// <summary>Reads bytes of the source that follow the deflate stream, behind its end.</summary>
    /// <returns>Fewer than asked: the source ends.</returns>
    public int ReadBehind(Span<byte> destination)
    {
        Drop(_bitCount & 7);
        var count = 0;
        while (count < destination.Length && TryNeed(8))
        {
            destination[count++] = (byte)Take(8);
        }

        return count;
    }

    /// <summary>Begins another deflate stream where the source is now.</summary>
    public void Restart()
    {
        (_block, _isLast, _outputAt, _outputEnd) = (InflateBlock.None, false, 0, 0);
    }

    public static ArchiveException Damaged(string what)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"What is compressed with deflate is damaged: it {what}.");
    }

    protected override int ReadNext(Span<byte> buffer)
    {
        while (_outputAt == _outputEnd)
        {
            if (_block == InflateBlock.End || buffer.IsEmpty)
            {
                return 0;
            }

            Unpack(Math.Min(buffer.Length, StepLength));
        }

        var count = Math.Min(buffer.Length, _outputEnd - _outputAt);
        _output.AsSpan(_outputAt, count).CopyTo(buffer);
        _outputAt += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    // At least one byte, and a match more than so many at most; or the end.
    private void Unpack(int count)
    {
        if (_outputEnd + count + LongestMatch + Overshoot > _output.Length)
        {
            var keep = Math.Min(_outputEnd, WindowLength);
            _output.AsSpan(_outputEnd - keep, keep).CopyTo(_output);
            _outputAt = _outputEnd = keep;
        }

        var goal = _outputEnd + count;
        while (_outputEnd < goal && _block != InflateBlock.End)
        {
            switch (_block)
            {
                case InflateBlock.None:
                    ReadHeader();
                    break;
                case InflateBlock.Stored:
                    CopyStored(goal);
                    break;
                default:
                    UnpackSymbols(goal);
                    break;
            }
        }
    }

    private void ReadHeader()
    {
        if (_isLast)
        {
            _block = InflateBlock.End;
            return;
        }

        Need(3);
        _isLast = Take(1) == 1;
        switch (Take(2))
        {
            case 0:
                Drop(_bitCount & 7);
                Need(32);
                _storedLeft = Take(16);
                if (Take(16) != (_storedLeft ^ 0xFFFF))
                {
                    throw Damaged("has a stored block of two lengths");
                }

                _block = InflateBlock.Stored;
                break;
            case 1:
                _lengths.AsSpan(0, 144).Fill(8);
                _lengths.AsSpan(144, 112).Fill(9);
                _lengths.AsSpan(256, 24).Fill(7);
                _lengths.AsSpan(280, 8).Fill(8);
                _lengths.AsSpan(288, 32).Fill(5);
                BuildTables(288, 320);
                break;
            case 2:
                ReadLengths();
                break;
            default:
                throw Damaged("has a block of an unknown kind");
        }
    }

    private void ReadLengths()
    {
        Need(14);
        var literals = Take(5) + 257;
        var distances = Take(5) + 1;
        var count = Take(4) + 4;
        if (literals > 286 || distances > 30)
        {
            throw Damaged("has a code with too many symbols");
        }

        Span<byte> lengths = stackalloc byte[19];
        lengths.Clear();
        for (var i = 0; i < count; i++)
        {
            Need(3);
            lengths[Order[i]] = (byte)Take(3);
        }

        var codes = _distances; // not needed yet
        codes.Build(lengths, LengthSymbols);
        for (var i = 0; i < literals + distances; )
        {
            TryNeed(14);
            var entry = codes.Entries[(int)_bits & ((1 << DistanceBits) - 1)];
            if ((entry & HuffmanTable.KindMask) == HuffmanTable.Invalid)
            {
                throw Damaged("has a code of code lengths that does not exist");
            }

            Need((int)(entry & 31));
            Drop((int)(entry & 31));
            var symbol = (int)(entry >> 16);
            if (symbol < 16)
            {
                _lengths[i++] = (byte)symbol;
                continue;
            }

            if (symbol == 16 && i == 0)
            {
                throw Damaged("repeats a code length before the first");
            }

            var (value, bits, least) = symbol switch
            {
                16 => (_lengths[i - 1], 2, 3),
                17 => ((byte)0, 3, 3),
                _ => ((byte)0, 7, 11),
            };
            Need(bits);
            var repeat = least + Take(bits);
            if (i + repeat > literals + distances)
            {
                throw Damaged("has too many code lengths");
            }

            _lengths.AsSpan(i, repeat).Fill(value);
            i += repeat;
        }

        if (_lengths[256] == 0)
        {
            throw Damaged("has a block without an end");
        }

        BuildTables(literals, literals + distances);
    }

    private void BuildTables(int literals, int all)
    {
        (_literalCount, _lengthCount) = (literals, all);
        _literals.Build(_lengths.AsSpan(0, literals), LiteralSymbols);
        _distances.Build(_lengths.AsSpan(literals, all - literals), DistanceSymbols);
        _block = InflateBlock.Compressed;
    }

    private void CopyStored(int goal)
    {
        while (_storedLeft > 0 && _outputEnd < goal)
        {
            if (_bitCount >= 8)
            {
                _output[_outputEnd++] = (byte)Take(8);
                _storedLeft--;
                continue;
            }

            if (_inputAt == _inputEnd && !FillInput())
            {
                throw Torn();
            }

            var count = Math.Min(Math.Min(_storedLeft, goal - _outputEnd), _inputEnd - _inputAt);
            _input.AsSpan(_inputAt, count).CopyTo(_output.AsSpan(_outputEnd));
            _inputAt += count;
            _outputEnd += count;
            _storedLeft -= count;
        }

        if (_storedLeft == 0)
        {
            _block = InflateBlock.None;
        }
    }

    private void UnpackSymbols(int goal)
    {
        var literals = _literals.Entries;
        var distances = _distances.Entries;
        var output = _output;
        var input = _input;
        var (bits, bitCount, at, end) = (_bits, _bitCount, _inputAt, _outputEnd);
        var isInBlock = true;
        while (isInBlock && end < goal)
        {
            if (bitCount < MostBits)
            {
                if (_inputEnd - at >= sizeof(ulong))
                {
                    bits |= BinaryPrimitives.ReadUInt64LittleEndian(input.AsSpan(at)) << bitCount;
                    at += (63 - bitCount) >> 3;
                    bitCount |= 56;
                }
                else
                {
                    (_bits, _bitCount, _inputAt) = (bits, bitCount, at);
                    TryNeed(MostBits);
                    (bits, bitCount, at) = (_bits, _bitCount, _inputAt);
                }
            }

            var entry = literals[(int)bits & ((1 << LiteralBits) - 1)];
            if ((entry & HuffmanTable.KindMask) == HuffmanTable.Second)
            {
                bits >>= LiteralBits;
                bitCount -= LiteralBits;
                entry = literals[(entry >> 16) + (bits & ((1u << (int)((entry >> 8) & 0xFF)) - 1))];
            }

            bits >>= (int)(entry & 31);
            bitCount -= (int)(entry & 31);
            if ((entry & HuffmanTable.KindMask) == HuffmanTable.Literal)
            {
                output[end++] = (byte)(entry >> 16);
            }
            else if ((entry & HuffmanTable.KindMask) == HuffmanTable.Base)
            {
                var extra = (int)((entry >> 8) & 0xFF);
                var length = (int)(entry >> 16) + ((int)bits & ((1 << extra) - 1));
                bits >>= extra;
                bitCount -= extra;
                entry = distances[(int)bits & ((1 << DistanceBits) - 1)];
                if ((entry & HuffmanTable.KindMask) == HuffmanTable.Second)
                {
                    bits >>= DistanceBits;
                    bitCount -= DistanceBits;
                    entry = distances[(entry >> 16) + (bits & ((1u << (int)((entry >> 8) & 0xFF)) - 1))];
                }

                bits >>= (int)(entry & 31);
                bitCount -= (int)(entry & 31);
                extra = (int)((entry >> 8) & 0xFF);
                var distance = (int)(entry >> 16) + ((int)bits & ((1 << extra) - 1));
                bits >>= extra;
                bitCount -= extra;
                if ((entry & HuffmanTable.KindMask) != HuffmanTable.Base || distance > end)
                {
                    throw bitCount < 0 ? Torn() : Damaged("repeats bytes before its start");
                }

                Copy(output, end, distance, length);
                end += length;
            }
            else if ((entry & HuffmanTable.KindMask) == HuffmanTable.End)
            {
                isInBlock = false;
            }
            else
            {
                throw bitCount < 0 ? Torn() : Damaged("has a code that does not exist");
            }

            if (bitCount < 0)
            {
                throw Torn();
            }
        }

        (_bits, _bitCount, _inputAt, _outputEnd) = (bits, bitCount, at, end);
        if (!isInBlock)
        {
            _block = InflateBlock.None;
        }
    }

    private static void Copy(byte[] output, int end, int distance, int length)
    {
        if (distance >= sizeof(ulong))
        {
            var span = output.AsSpan(end - distance, distance + length + Overshoot);
            for (var done = 0; done < length; done += sizeof(ulong))
            {
                BinaryPrimitives.WriteUInt64LittleEndian(span[(distance + done)..], BinaryPrimitives.ReadUInt64LittleEndian(span[done..]));
            }
        }
        else if (distance == 1)
        {
            output.AsSpan(end, length).Fill(output[end - 1]);
        }
        else
        {
            for (var i = end; i < end + length; i++)
            {
                output[i] = output[i - distance];
            }
        }
    }

    private void Resume(InflateState from)
    {
        (_taken, _bits, _bitCount) = (from.Packed, from.Bits, from.BitCount);
        from.Lengths.CopyTo(_lengths, 0);
        if (from.Block == InflateBlock.Compressed)
        {
            BuildTables(from.LiteralCount, from.Lengths.Length);
        }

        from.Window.CopyTo(_output, 0);
        _outputEnd = from.Window.Length;
        _outputAt = _outputEnd - from.Pending;
        (_block, _isLast, _storedLeft) = (from.Block, from.IsLast, from.StoredLeft);
    }

    private void Need(int count)
    {
        if (!TryNeed(count))
        {
            throw Torn();
        }
    }

    // Has so many bits, at most 56; false: the source ends before.
    private bool TryNeed(int count)
    {
        while (_bitCount < count)
        {
            if (_inputAt == _inputEnd && !FillInput())
            {
                return false;
            }

            _bits = (_bits & ((1UL << _bitCount) - 1)) | ((ulong)_input[_inputAt++] << _bitCount);
            _bitCount += 8;
        }

        return true;
    }

    private int Take(int count)
    {
        var value = (int)_bits & ((1 << count) - 1);
        Drop(count);
        return value;
    }

    private void Drop(int count)
    {
        _bits >>= count;
        _bitCount -= count;
    }

    private bool FillInput()
    {
        _taken += _inputEnd;
        (_inputAt, _inputEnd) = (0, 0);
        _inputEnd = _source.Read(_input);
        return _inputEnd > 0;
    }

    private static ArchiveException Torn()
    {
        return Damaged("ends too early");
    }

    private static ReadOnlySpan<byte> Order => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private static uint[] MakeLiterals()
    {
        var symbols = new uint[288];
        for (var i = 0u; i < 256; i++)
        {
            symbols[i] = (i << 16) | HuffmanTable.Literal;
        }

        symbols[256] = HuffmanTable.End;
        var start = 3u;
        for (var i = 257; i < 285; i++)
        {
            var extra = i < 265 ? 0 : (i - 261) / 4;
            symbols[i] = (start << 16) | ((uint)extra << 8) | HuffmanTable.Base;
            start += 1u << extra;
        }

        symbols[285] = (258u << 16) | HuffmanTable.Base;
        symbols[286] = symbols[287] = HuffmanTable.Invalid;
        return symbols;
    }

    private static uint[] MakeDistances()
    {
        var symbols = new uint[32];
        var start = 1u;
        for (var i = 0; i < 30; i++)
        {
            var extra = i < 4 ? 0 : (i - 2) / 2;
            symbols[i] = (start << 16) | ((uint)extra << 8) | HuffmanTable.Base;
            start += 1u << extra;
        }

        symbols[30] = symbols[31] = HuffmanTable.Invalid;
        return symbols;
    }
}
