using System.Collections.Immutable;
using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Unpacking;

/// <summary>The content of some entries, one right behind the other.</summary>
/// <param name="unpacker">Goes through them, and others; disposed with this one.</param>
/// <param name="entries">In the order in which they come, each of known length.</param>
internal sealed class UnpackerStream(IUnpacker unpacker, ImmutableArray<ArchiveEntry> entries) : ForwardStream
{
    private int _next;
    private long _left;

    protected override int ReadNext(Span<byte> buffer)
    {
        if (buffer.IsEmpty || (_left == 0 && !MoveNext()))
        {
            return 0;
        }

        var read = unpacker.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        if (read == 0)
        {
            throw Damaged("is shorter than its header says");
        }

        _left -= read;
        // The library compares checksums when it is asked for more than there is.
        if (_left == 0 && unpacker.Read(stackalloc byte[1]) > 0)
        {
            throw Damaged("is longer than its header says");
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            unpacker.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool MoveNext()
    {
        if (_next == entries.Length)
        {
            return false;
        }

        var entry = entries[_next++];
        do
        {
            if (!unpacker.MoveNext())
            {
                throw Damaged("is missing");
            }
        } while (unpacker.Ordinal < entry.Ordinal);

        _left = unpacker.Ordinal == entry.Ordinal ? entry.Length!.Value : throw Damaged("is missing");
        return true;
    }

    private ArchiveException Damaged(string what)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"The archive is damaged: \"{entries[_next - 1].Path}\" {what}.");
    }
}
