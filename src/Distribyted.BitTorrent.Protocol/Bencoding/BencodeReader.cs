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
    private readonly bool _isQuiet;
    private Frames _frames;
    private int _depth;
    private int _tokens;

    /// <summary>Starts at the first byte.</summary>
    public BencodeReader(ReadOnlySpan<byte> bytes)
        : this(bytes, checksKeys: true, isLenient: false, isQuiet: false) { }

    private BencodeReader(ReadOnlySpan<byte> bytes, bool checksKeys, bool isLenient, bool isQuiet)
    {
        _bytes = bytes;
        _checksKeys = checksKeys;
        _isLenient = isLenient;
        _isQuiet = isQuiet;
    }

    /// <summary>Starts at the first byte of what a tracker or peer says of itself, and is not strict: numbers and lengths may have leading
    /// zeros, a number that is none (<c>ie</c>, <c>i1.5e</c>) is like one that does not fit, keys may come twice, and a string that goes past
    /// the end is as long as the bytes that are there.</summary>
    public static BencodeReader Lenient(ReadOnlySpan<byte> bytes)
    {
        return new BencodeReader(bytes, checksKeys: false, isLenient: true, isQuiet: false);
    }

    /// <summary>Starts at the first byte of what may come in floods: a mistake is not thrown, which would cost more than all the rest, but kept in
    /// <see cref="Failure"/>; from then on everything that is open has ended, and what is read is empty. Keys may come twice.</summary>
    public static BencodeReader Quiet(ReadOnlySpan<byte> bytes)
    {
        return new BencodeReader(bytes, checksKeys: false, isLenient: false, isQuiet: true);
    }

    /// <summary>What a quiet reader would have thrown first; null: no mistake so far.</summary>
    public ProtocolError? Failure { get; private set; }

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>What follows the value just read: for formats that put raw bytes behind a dictionary (BEP 9).</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[Position..];

    /// <summary>What comes next, without reading it.</summary>
    public BencodeKind Peek()
    {
        if (Position >= _bytes.Length)
        {
            FailTruncated();
            return BencodeKind.End;
        }

        var kind = _bytes[Position] switch
        {
            (byte)'i' => BencodeKind.Integer,
            (byte)'l' => BencodeKind.List,
            (byte)'d' => BencodeKind.Dictionary,
            (byte)'e' => BencodeKind.End,
            >= (byte)'0' and <= (byte)'9' => BencodeKind.String,
            _ => (BencodeKind?)null,
        };
        if (kind is null)
        {
            Fail("No value starts with this byte.");
        }

        return kind ?? BencodeKind.End;
    }

    /// <summary>Reads an integer.</summary>
    /// <exception cref="ProtocolException">Something else comes next, or it does not fit into 64 bits.</exception>
    public long ReadInteger()
    {
        var start = Position;
        var value = 0L;
        if (Expect(BencodeKind.Integer) && !ScanInteger(out value))
        {
            Fail(ProtocolError.TooLarge, "An integer does not fit into 64 bits.", start);
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
        if (!Expect(BencodeKind.String))
        {
            return default;
        }

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
        if (Expect(BencodeKind.List))
        {
            Enter(isDictionary: false);
        }
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
        if (Expect(BencodeKind.Dictionary))
        {
            Enter(isDictionary: true);
        }
    }

    /// <summary>Reads the next key, or leaves the dictionary.</summary>
    public bool TryReadKey(out ReadOnlySpan<byte> key)
    {
        var kind = Peek();
        if (kind != BencodeKind.String)
        {
            key = default;
            if (kind == BencodeKind.End)
            {
                Leave();
            }
            else
            {
                Fail("A key is not a string.");
            }

            return false;
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
                    if (_depth > floor && !_frames[_depth - 1].IsDictionary)
                    {
                        Leave();
                    }
                    else
                    {
                        Fail("A value is missing.");
                    }

                    break;
            }
        } while (_depth > floor);
    }

    /// <summary>Refuses bytes after the value.</summary>
    public void ExpectEndOfBytes()
    {
        if (Position != _bytes.Length)
        {
            Fail("There are bytes after the end.");
        }
    }

    private bool Expect(BencodeKind kind)
    {
        if (Peek() == kind)
        {
            return true;
        }

        Fail(
            kind switch
            {
                BencodeKind.Integer => "An integer is expected here.",
                BencodeKind.String => "A string is expected here.",
                BencodeKind.List => "A list is expected here.",
                _ => "A dictionary is expected here.",
            }
        );
        return false;
    }

    private void Enter(bool isDictionary)
    {
        if (_depth == MaxDepth)
        {
            Fail(ProtocolError.TooLarge, "Nested too deep.", Position);
            return;
        }

        CountToken();
        Position++;
        _frames[_depth++] = new Frame(isDictionary, Position);
    }

    private void Leave()
    {
        if (_depth == 0)
        {
            Fail("Nothing is open that could end here.");
            return;
        }

        _depth--;
        Position++;
    }

    private void CountToken()
    {
        if (++_tokens > MaxTokens)
        {
            Fail(ProtocolError.TooLarge, "Too many values.", Position);
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

        value = 0;
        if (at >= _bytes.Length)
        {
            FailTruncated();
            return false;
        }

        var digits = at - first;
        if (_isLenient)
        {
            var end = _bytes[at..].IndexOf((byte)'e');
            if (end is < 0 or > MaxOddCharacters)
            {
                Fail("Not an integer.");
                return false;
            }

            fits &= digits > 0 && end == 0;
            at += end;
        }
        else if (_bytes[at] != (byte)'e' || digits == 0 || (_bytes[first] == (byte)'0' && (digits > 1 || negative)))
        {
            Fail("Not an integer.");
            return false;
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
                Fail("The length of a string has too many digits.");
                return default;
            }

            length = (length * 10) + _bytes[at] - '0';
        }

        if (at >= _bytes.Length)
        {
            FailTruncated();
            return default;
        }

        if (_bytes[at] != (byte)':' || (_bytes[Position] == (byte)'0' && at - Position > 1 && !_isLenient))
        {
            Fail("Not the length of a string.");
            return default;
        }

        at++;
        if (length > _bytes.Length - at)
        {
            if (_isLenient)
            {
                Position = _bytes.Length;
                return _bytes[at..];
            }

            Fail(ProtocolError.Truncated, "A string goes past the end.", Position);
            return default;
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
                Fail("A key appears twice.");
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
        var scan = new BencodeReader(_bytes, checksKeys: false, isLenient: false, isQuiet: false) { Position = start, _depth = 1 };
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

    private void FailTruncated()
    {
        Fail(ProtocolError.Truncated, "The bytes end inside a value.", Position);
    }

    private void Fail(string message)
    {
        Fail(ProtocolError.Malformed, message, Position);
    }

    private void Fail(ProtocolError error, string message, int offset)
    {
        if (!_isQuiet)
        {
            throw new ProtocolException(error, message, offset);
        }

        Failure ??= error;
        Position = _bytes.Length;
        _depth = 0;
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
