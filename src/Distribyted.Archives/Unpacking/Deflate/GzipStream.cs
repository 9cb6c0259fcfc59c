using System.Buffers.Binary;
using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Unpacking.Deflate;

/// <summary>Decompresses a gzip file of one or more members (RFC 1952), and can go on from a state that was saved.</summary>
internal sealed class GzipStream : ForwardStream, IResumable
{
    private const int HeaderLength = 10;
    private const int TrailerLength = 8;
    private const int MaxText = 64 * 1024;
    private const int Deflate = 8;
    private const int UnknownFlags = 0xE0;

    private readonly InflateStream _content;
    private bool _isInMember;
    private bool _hasBegun;
    private bool _isAtEnd;
    private uint _crc;
    private uint _length;

    /// <param name="file">The file, or where the state says; disposed with this one.</param>
    /// <param name="from">Where to go on; null: at the start.</param>
    public GzipStream(Stream file, GzipState? from = null)
    {
        _content = new InflateStream(file, from?.Content);
        if (from is not null)
        {
            (_isInMember, _hasBegun, _crc, _length) = (true, true, from.Crc32, from.Unpacked);
        }
    }

    public ISavedState? Save()
    {
        return _isInMember ? new GzipState(_content.Save(), _crc, _length) : null;
    }

    protected override int ReadNext(Span<byte> buffer)
    {
        while (!_isAtEnd && !buffer.IsEmpty)
        {
            if (!_isInMember)
            {
                _isAtEnd = !ReadHeader();
                continue;
            }

            var read = _content.Read(buffer);
            if (read > 0)
            {
                _crc = Crc32.Append(_crc, buffer[..read]);
                _length += (uint)read;
                return read;
            }

            ReadTrailer();
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
        }

        base.Dispose(disposing);
    }

    private static ReadOnlySpan<byte> Magic => [0x1F, 0x8B];

    // False: the file ends, or what follows is no member: such bytes are left out, as gzip does.
    private bool ReadHeader()
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        var isFirst = !_hasBegun;
        _hasBegun = true;
        var length = _content.ReadBehind(header);
        if (!header[..length].StartsWith(Magic))
        {
            return !isFirst ? false : throw InflateStream.Damaged("has no header");
        }

        var flags = header[3];
        if (length < HeaderLength || header[2] != Deflate || (flags & UnknownFlags) != 0)
        {
            throw InflateStream.Damaged("has a header that is cut off or of an unknown kind");
        }

        Span<byte> two = stackalloc byte[2];
        if ((flags & 4) != 0)
        {
            ReadAll(two);
            for (var left = BinaryPrimitives.ReadUInt16LittleEndian(two); left > 0; left--)
            {
                ReadAll(two[..1]);
            }
        }

        SkipText((flags & 8) != 0);
        SkipText((flags & 16) != 0);
        ReadAll((flags & 2) != 0 ? two : default);
        _content.Restart();
        (_isInMember, _crc, _length) = (true, 0, 0);
        return true;
    }

    private void ReadTrailer()
    {
        Span<byte> trailer = stackalloc byte[TrailerLength];
        ReadAll(trailer);
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != _crc || BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != _length)
        {
            throw InflateStream.Damaged("does not have the checksum or length that its end says");
        }

        _isInMember = false;
    }

    private void SkipText(bool isThere)
    {
        Span<byte> one = stackalloc byte[1];
        for (var length = 0; isThere; length++)
        {
            ReadAll(one);
            isThere = one[0] != 0;
            if (length > MaxText)
            {
                throw InflateStream.Damaged("has a name that is too long");
            }
        }
    }

    private void ReadAll(Span<byte> destination)
    {
        if (_content.ReadBehind(destination) < destination.Length)
        {
            throw InflateStream.Damaged("ends too early");
        }
    }
}
