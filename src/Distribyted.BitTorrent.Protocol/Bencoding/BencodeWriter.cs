using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;

namespace Distribyted.BitTorrent.Protocol.Bencoding;

/// <summary>Writes bencoded values (BEP 3). The caller writes keys in the order of their bytes; debug builds check it.</summary>
/// <remarks><code>writer.Dictionary().Key("msg_type"u8).Integer(0).Key("piece"u8).Integer(7).End();</code></remarks>
internal sealed class BencodeWriter(IBufferWriter<byte> output)
{
#if DEBUG
    private readonly Stack<byte[]> _lastKeys = new();
#endif

    /// <summary>Opens a dictionary.</summary>
    public BencodeWriter Dictionary()
    {
        Push();
        return Byte((byte)'d');
    }

    /// <summary>Opens a list.</summary>
    public BencodeWriter List()
    {
        Push();
        return Byte((byte)'l');
    }

    /// <summary>Closes the dictionary or list that was opened last.</summary>
    public BencodeWriter End()
    {
        Pop();
        return Byte((byte)'e');
    }

    /// <summary>Writes a key; its value must follow.</summary>
    public BencodeWriter Key(ReadOnlySpan<byte> key)
    {
        CheckOrder(key);
        return String(key);
    }

    /// <summary>Writes an integer.</summary>
    public BencodeWriter Integer(long value)
    {
        Byte((byte)'i');
        Digits(value);
        return Byte((byte)'e');
    }

    /// <summary>Writes bytes.</summary>
    public BencodeWriter String(ReadOnlySpan<byte> value)
    {
        Digits(value.Length);
        Byte((byte)':');
        output.Write(value);
        return this;
    }

    /// <summary>Writes text as UTF-8.</summary>
    public BencodeWriter String(string value)
    {
        Digits(Encoding.UTF8.GetByteCount(value));
        Byte((byte)':');
        Encoding.UTF8.GetBytes(value, output);
        return this;
    }

    /// <summary>Copies a value that is bencoded already, or raw bytes behind the last value (BEP 9).</summary>
    public BencodeWriter Raw(ReadOnlySpan<byte> bencoded)
    {
        output.Write(bencoded);
        return this;
    }

    private BencodeWriter Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
        return this;
    }

    private void Digits(long value)
    {
        Utf8Formatter.TryFormat(value, output.GetSpan(20), out var written);
        output.Advance(written);
    }

    [Conditional("DEBUG")]
    private void Push()
    {
#if DEBUG
        _lastKeys.Push([]);
#endif
    }

    [Conditional("DEBUG")]
    private void Pop()
    {
#if DEBUG
        _lastKeys.Pop();
#endif
    }

    [Conditional("DEBUG")]
    private void CheckOrder(ReadOnlySpan<byte> key)
    {
#if DEBUG
        var last = _lastKeys.Pop();
        Debug.Assert(last.Length == 0 || last.AsSpan().SequenceCompareTo(key) < 0, "Keys are written in the order of their bytes.");
        _lastKeys.Push(key.ToArray());
#endif
    }
}
