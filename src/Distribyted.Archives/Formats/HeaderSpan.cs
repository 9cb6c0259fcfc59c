using System.Buffers.Binary;

namespace Distribyted.Archives.Formats;

/// <summary>Reads the fields of one header from front to back, little-endian. A field past the end is an <see cref="ArchiveException"/>.</summary>
internal ref struct HeaderSpan(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Bytes that were not read yet.</summary>
    public readonly int Left => _rest.Length;

    public byte Byte()
    {
        return Bytes(1)[0];
    }

    public ushort UInt16()
    {
        return BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2));
    }

    public uint UInt32()
    {
        return BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));
    }

    public ulong UInt64()
    {
        return BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8));
    }

    /// <summary>The next bytes. Their number may be what a header claims: anything below 0 or past the end is refused.</summary>
    public ReadOnlySpan<byte> Bytes(long count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw new ArchiveException(ArchiveFailure.Damaged, "A header ends in the middle of a field.");
        }

        var field = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return field;
    }
}
