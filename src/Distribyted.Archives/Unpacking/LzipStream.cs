using System.Buffers.Binary;
using Distribyted.Archives.Formats;
using SharpCompress.Compressors.LZMA;

namespace Distribyted.Archives.Unpacking;

/// <summary>Decompresses an lzip file of one or more members. The sizes at the end of each member are needed before it: SharpCompress fails at the end mark of an LZMA stream whose length it does not know.</summary>
internal sealed class LzipStream : ForwardStream
{
    private const int HeaderLength = 6;
    private const int TrailerLength = 20;
    private const int MaxMembers = 1 << 20;

    private readonly Stream _file;
    private readonly UnpackingStart _start;
    private readonly Stack<Member> _members; // the next one on top
    private Member _member;
    private LzmaStream? _content;
    private long _left;
    private uint _crc;

    /// <param name="file">Seekable; it stays open.</param>
    /// <param name="start">Has the memory.</param>
    /// <exception cref="ArchiveException">It is damaged.</exception>
    public LzipStream(Stream file, UnpackingStart start)
    {
        _start = start;
        _file = file;
        _members = MembersOf(file);
        while (start.From is LzipPlace place && _members.TryPeek(out var member) && member.Start < place.Start)
        {
            _members.Pop();
        }
    }

    /// <summary>Where its members begin, in their order, and what the file unpacks to before each.</summary>
    /// <exception cref="ArchiveException">It is damaged.</exception>
    public static IEnumerable<(long Position, ISavedState State)> Places(Stream file)
    {
        var position = 0L;
        foreach (var member in MembersOf(file))
        {
            yield return (position, new LzipPlace(member.Start));
            position = checked(position + member.Content);
        }
    }

    protected override int ReadNext(Span<byte> buffer)
    {
        while (!buffer.IsEmpty && (_left > 0 || MoveNext()))
        {
            var read = _content!.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            if (read <= 0)
            {
                throw Damaged();
            }

            _left -= read;
            _crc = Crc32.Append(_crc, buffer[..read]);
            return _left > 0 || _crc == _member.Crc32 ? read : throw Damaged();
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content?.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool MoveNext()
    {
        _content?.Dispose();
        _content = null;
        do
        {
            if (!_members.TryPop(out _member))
            {
                return false;
            }
        } while (_member.Content == 0);

        Span<byte> header = stackalloc byte[HeaderLength];
        _file.Position = _member.Start;
        _file.ReadExactly(header);
        var dictionary = (1L << (header[5] & 0x1F)) - ((header[5] >> 5) * (1L << (header[5] & 0x1F) >> 4));
        if (!header.StartsWith("LZIP\u0001"u8))
        {
            throw Damaged();
        }

        _start.Need(dictionary);

        var settings = new byte[5];
        settings[0] = 93; // the only ones of lzip: 3 literal context bits, 2 position bits
        BinaryPrimitives.WriteInt32LittleEndian(settings.AsSpan(1), (int)dictionary);
        var packed = _member.Length - HeaderLength - TrailerLength;
        _content = LzmaStream.Create(settings, new RangeStream(_file, packed), packed, _member.Content, leaveOpen: true);
        (_left, _crc) = (_member.Content, 0);
        return true;
    }

    private static Stack<Member> MembersOf(Stream file)
    {
        var members = new Stack<Member>(); // the first one on top
        Span<byte> trailer = stackalloc byte[TrailerLength];
        for (var end = file.Length; end > 0; )
        {
            if (end < HeaderLength + TrailerLength || members.Count == MaxMembers)
            {
                throw Damaged();
            }

            file.Position = end - TrailerLength;
            file.ReadExactly(trailer);
            var length = BinaryPrimitives.ReadInt64LittleEndian(trailer[12..]);
            var content = BinaryPrimitives.ReadInt64LittleEndian(trailer[4..]);
            if (length < HeaderLength + TrailerLength || length > end || content < 0)
            {
                throw Damaged();
            }

            end -= length;
            members.Push(new Member(end, length, content, BinaryPrimitives.ReadUInt32LittleEndian(trailer)));
        }

        return members;
    }

    private static ArchiveException Damaged()
    {
        return new ArchiveException(ArchiveFailure.Damaged, "The lzip file is damaged.");
    }

    private readonly record struct Member(long Start, long Length, long Content, uint Crc32);
}
