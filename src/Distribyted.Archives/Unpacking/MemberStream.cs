namespace Distribyted.Archives.Unpacking;

/// <summary>Compressed streams one behind the other, with zeros between them (xz), as one.</summary>
/// <param name="file">Seekable; it stays open.</param>
/// <param name="open">Decompresses one stream from where the file stands, and leaves the file right behind it.</param>
internal sealed class MemberStream(Stream file, Func<Stream, Stream> open) : ForwardStream
{
    private Stream? _member;

    protected override int ReadNext(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_member is null && !MoveNext())
            {
                return 0;
            }

            var read = _member!.Read(buffer);
            if (read > 0)
            {
                return read;
            }

            _member.Dispose();
            _member = null;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _member?.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool MoveNext()
    {
        Span<byte> four = stackalloc byte[4]; // padding comes in fours
        while (true)
        {
            var at = file.Position;
            var read = file.ReadAtLeast(four, four.Length, throwOnEndOfStream: false);
            if (read == 0)
            {
                return false;
            }

            if (four[..read].ContainsAnyExcept((byte)0))
            {
                file.Position = at;
                _member = open(file);
                return true;
            }
        }
    }
}
