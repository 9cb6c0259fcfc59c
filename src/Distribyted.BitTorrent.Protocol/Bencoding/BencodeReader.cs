// Longer than most: one cursor over one text; its checks share the position and the open frames.
using System.Runtime.CompilerServices;

namespace Distribyted.BitTorrent.Protocol.Bencoding;

/// <summary>Reads bencoded bytes front to back, without recursion and, while keys are sorted, without allocating (BEP 3).</summary>
/// <remarks>
/// Integers and lengths are strict (no sign on zero, no leading zeros). Keys may be unsorted, as some writers leave them,
/// but never twice the same. Nothing is believed before it is checked against the bytes that are really there. Pass it on by <c>ref</c>.
/// <see cref="Lenient"/> is for messages over which no hash is taken.
/// <code>
/// reader.ReadDictionaryStart();
/// while (reader.TryReadKey(out var key))
/// {
///     if (key.SequenceEqual("interval"u8)) { interval = reader.ReadInteger(); } else { reader.Skip(); }
/// }
/// </code>
/// </remarks>
internal ref struct BencodeReader
{
    /// <summary>Deepest nesting. The deepest known format, the file tree of BEP 52, stays below this for any sane torrent.</summary>
    public const int MaxDepth = 32;

    /// <summary>Most values in one text: enough for 200 000 files with a dozen values each.</summary>
    public const int MaxTokens = 4_000_000;

    private const int MaxOddCharacters = 32;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly bool _checksKeys;
    private readonly bool _isLenient;
    private Frames _frames;
    private int _depth;
    private int _tokens;

    /// <summary>Starts at the first byte.</summary>
    public BencodeReader(ReadOnlySpan<byte> bytes)
        : this(bytes, checksKeys: true, isLenient: false) { }

    private BencodeReader(ReadOnlySpan<byte> bytes, bool checksKeys, bool isLenient)
    {
        _bytes = bytes;
        _checksKeys = checksKeys;
        _isLenient = isLenient;
    }

    /// <summary>Starts at the first byte of what a tracker or peer says of itself, and is not strict: numbers and lengths may have leading
    /// zeros, a number that is none (<c>ie</c>, <c>i1.5e</c>) is like one that does not fit, keys may come twice, and a string that goes past
    /// the end is as long as the bytes that are there.</summary>
    public static BencodeReader Lenient(ReadOnlySpan<byte> bytes)
    {
        return new BencodeReader(bytes, checksKeys: false, isLenient: true);
    }

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>What follows the value just read: for formats that put raw bytes behind a dictionary (BEP 9).</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[Position..];

    /// <summary>What comes next, without reading it.</summary>
    public readonly BencodeKind Peek()
    {
        if (Position >= _bytes.Length)
        {
            throw Truncated();
        }

        return _bytes[Position] switch
        {
            (byte)'i' => BencodeKind.Integer,
            (byte)'l' => BencodeKind.List,
            (byte)'d' => BencodeKind.Dictionary,
            (byte)'e' => BencodeKind.End,
            >= (byte)'0' and <= (byte)'9' => BencodeKind.String,
            _ => throw Malformed("No value starts with this byte."),
        };
    }

    /// <summary>Reads an integer.</summary>
    /// <exception cref="ProtocolException">Something else comes next, or it does not fit into 64 bits.</exception>
    public long ReadInteger()
    {
        Expect(BencodeKind.Integer);
        var start = Position;
        if (!ScanInteger(out var value))
        {
            throw new ProtocolException(ProtocolError.TooLarge, "An integer does not fit into 64 bits.", start);
        }

        return value;
    }

    /// <summary>Reads an integer if one that fits into 64 bits comes next; otherwise skips whatever is there.</summary>
    public bool TryReadInteger(out long value)
    {
        if (Peek() == BencodeKind.Integer)
        {
            return ScanInteger(out value);
        }

        value = 0;
        Skip();
        return false;
    }

    /// <summary>Reads a string in place.</summary>
    /// <exception cref="ProtocolException">Something else comes next.</exception>
    public ReadOnlySpan<byte> ReadString()
    {
        Expect(BencodeKind.String);
        CountToken();
        return ScanString();
    }

    /// <summary>Reads a string if one comes next; otherwise skips whatever is there.</summary>
    public bool TryReadString(out ReadOnlySpan<byte> value)
    {
        if (Peek() == BencodeKind.String)
        {
            CountToken();
            value = ScanString();
            return true;
        }

        value = default;
        Skip();
        return false;
    }

    /// <summary>Enters a list; then values until <see cref="TryReadEnd"/>.</summary>
    public void ReadListStart()
    {
        Expect(BencodeKind.List);
        Enter(isDictionary: false);
    }

    /// <summary>Leaves the list if it ends here.</summary>
    public bool TryReadEnd()
    {
        if (Peek() != BencodeKind.End)
        {
            return false;
        }

        Leave();
        return true;
    }

    /// <summary>Enters a dictionary; then <see cref="TryReadKey"/> and one value each, until it says no.</summary>
    public void ReadDictionaryStart()
    {
        Expect(BencodeKind.Dictionary);
        Enter(isDictionary: true);
    }

    /// <summary>Reads the next key, or leaves the dictionary.</summary>
    public bool TryReadKey(out ReadOnlySpan<byte> key)
    {
        var kind = Peek();
        if (kind == BencodeKind.End)
        {
            key = default;
            Leave();
            return false;
        }

        if (kind != BencodeKind.String)
        {
            throw Malformed("A key is not a string.");
        }

        key = ScanString();
        CheckOrder(key);
        return true;
    }

    /// <summary>Reads over one value of any kind, checking it as strictly as the others.</summary>
    public void Skip()
    {
        var floor = _depth;
        do
        {
            if (_depth > floor && _frames[_depth - 1].IsDictionary && !TryReadKey(out _))
            {
                continue;
            }

            switch (Peek())
            {
                case BencodeKind.Integer:
                    ScanInteger(out _);
                    break;
                case BencodeKind.String:
                    CountToken();
                    ScanString();
                    break;
                case BencodeKind.List:
                    Enter(isDictionary: false);
                    break;
                case BencodeKind.Dictionary:
                    Enter(isDictionary: true);
                    break;
                default:
                    if (_depth == floor || _frames[_depth - 1].IsDictionary)
                    {
                        throw Malformed("A value is missing.");
                    }

                    Leave();
                    break;
            }
        } while (_depth > floor);
    }

    /// <summary>Refuses bytes after the value.</summary>
    public readonly void ExpectEndOfBytes()
    {
        if (Position != _bytes.Length)
        {
            throw Malformed("There are bytes after the end.");
        }
    }

    private readonly void Expect(BencodeKind kind)
    {
        var found = Peek();
        if (found != kind)
        {
            throw Malformed($"Expected {kind}, found {found}.");
        }
    }

    private void Enter(bool isDictionary)
    {
        if (_depth == MaxDepth)
        {
            throw new ProtocolException(ProtocolError.TooLarge, $"Nested deeper than {MaxDepth}.", Position);
        }

        CountToken();
        Position++;
        _frames[_depth++] = new Frame(isDictionary, Position);
    }

    private void Leave()
    {
        if (_depth == 0)
        {
            throw Malformed("Nothing is open that could end here.");
        }

        _depth--;
        Position++;
    }

    private void CountToken()
    {
        if (++_tokens > MaxTokens)
        {
            throw new ProtocolException(ProtocolError.TooLarge, $"More than {MaxTokens} values.", Position);
        }
    }

    /// <summary>False when the integer is well formed but too long for 64 bits.</summary>
    private bool ScanInteger(out long value)
    {
        CountToken();
        var at = Position + 1;
        var negative = at < _bytes.Length && _bytes[at] == (byte)'-';
        at += negative ? 1 : 0;
        var first = at;
        var fits = true;
        long sum = 0; // negative all the way, so that the smallest number fits
        for (; at < _bytes.Length && _bytes[at] is >= (byte)'0' and <= (byte)'9'; at++)
        {
            var digit = _bytes[at] - '0';
            fits = fits && sum >= (long.MinValue + digit) / 10;
            sum = fits ? (sum * 10) - digit : 0;
        }

        if (at >= _bytes.Length)
        {
            throw Truncated();
        }

        var digits = at - first;
        if (_isLenient)
        {
            var end = _bytes[at..].IndexOf((byte)'e');
            if (end is < 0 or > MaxOddCharacters)
            {
                throw Malformed("Not an integer.");
            }

            fits &= digits > 0 && end == 0;
            at += end;
        }
        else if (_bytes[at] != (byte)'e' || digits == 0 || (_bytes[first] == (byte)'0' && (digits > 1 || negative)))
        {
            throw Malformed("Not an integer.");
        }

        Position = at + 1;
        if (!negative && sum == long.MinValue)
        {
            fits = false;
        }

        value =
            !fits ? 0
            : negative ? sum
            : -sum;
        return fits;
    }

    private ReadOnlySpan<byte> ScanString()
    {
        var at = Position;
        long length = 0;
        for (; at < _bytes.Length && _bytes[at] is >= (byte)'0' and <= (byte)'9'; at++)
        {
            if (at - Position >= 10)
            {
                throw Malformed("The length of a string has too many digits.");
            }

            length = (length * 10) + _bytes[at] - '0';
        }

        if (at >= _bytes.Length)
        {
            throw Truncated();
        }

        if (_bytes[at] != (byte)':' || (_bytes[Position] == (byte)'0' && at - Position > 1 && !_isLenient))
        {
            throw Malformed("Not the length of a string.");
        }

        at++;
        if (length > _bytes.Length - at)
        {
            if (_isLenient)
            {
                Position = _bytes.Length;
                return _bytes[at..];
            }

            throw new ProtocolException(ProtocolError.Truncated, $"A string of {length} bytes goes past the end.", Position);
        }

        Position = at + (int)length;
        return _bytes.Slice(at, (int)length);
    }

    private void CheckOrder(scoped ReadOnlySpan<byte> key)
    {
        if (!_checksKeys)
        {
            return;
        }

        ref var frame = ref _frames[_depth - 1];
        if (frame.KeyStart >= 0 && !frame.Unsorted)
        {
            var order = _bytes.Slice(frame.KeyStart, frame.KeyLength).SequenceCompareTo(key);
            if (order == 0)
            {
                throw Malformed("A key appears twice.");
            }

            if (order > 0)
            {
                frame.Unsorted = true;
                RefuseDuplicates(frame.Start);
            }
        }

        frame.KeyStart = Position - key.Length;
        frame.KeyLength = key.Length;
    }

    /// <summary>Looks at all keys of an unsorted dictionary at once; done once for each, so the cost is at most the depth times the bytes.</summary>
    private readonly void RefuseDuplicates(int start)
    {
        var scan = new BencodeReader(_bytes, checksKeys: false, isLenient: false) { Position = start, _depth = 1 };
        scan._frames[0] = new Frame(isDictionary: true, start);
        var keys = new List<(int Hash, int Start, int Length)>();
        while (scan.TryReadKey(out var key))
        {
            var hash = new HashCode(); // seeded anew in every process: collisions cannot be prepared
            hash.AddBytes(key);
            keys.Add((hash.ToHashCode(), scan.Position - key.Length, key.Length));
            scan.Skip();
        }

        keys.Sort(static (a, b) => a.Hash.CompareTo(b.Hash));
        for (var i = 0; i < keys.Count; i++)
        {
            for (var j = i + 1; j < keys.Count && keys[j].Hash == keys[i].Hash; j++)
            {
                if (_bytes.Slice(keys[i].Start, keys[i].Length).SequenceEqual(_bytes.Slice(keys[j].Start, keys[j].Length)))
                {
                    throw new ProtocolException(ProtocolError.Malformed, "A key appears twice.", keys[j].Start);
                }
            }
        }
    }

    private readonly ProtocolException Truncated()
    {
        return new ProtocolException(ProtocolError.Truncated, "The bytes end inside a value.", Position);
    }

    private readonly ProtocolException Malformed(string message)
    {
        return new ProtocolException(ProtocolError.Malformed, message, Position);
    }

    /// <summary>An open list or dictionary, and its last key.</summary>
    private struct Frame(bool isDictionary, int start)
    {
        public readonly bool IsDictionary = isDictionary;
        public readonly int Start = start;
        public bool Unsorted;
        public int KeyStart = -1;
        public int KeyLength;
    }

    [InlineArray(MaxDepth)]
    private struct Frames
    {
        private Frame _first;
    }
}
