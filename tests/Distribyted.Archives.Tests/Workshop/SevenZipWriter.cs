using System.Buffers.Binary;
using System.Text;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Writes 7z archives of one stored entry that is a hole, for sizes that no test wants on its disk.</summary>
internal static class SevenZipWriter
{
    public static TestVolume Stored(string name, long length)
    {
        byte[] size = [0xFF, .. UInt64((ulong)length)];
        byte[] names = [0, .. Encoding.Unicode.GetBytes(name), 0, 0];
        byte[] header =
        [
            1, // header
            4, // streams
            .. (byte[])[6, 0, 1, 9, .. size, 0], // one packed stream
            .. (byte[])[7, 11, 1, 0, 1, 1, 0, 12, .. size, 0], // one folder of one coder, copy
            0,
            5, // files
            1,
            .. (byte[])[17, (byte)names.Length, .. names],
            0,
            0,
        ];
        byte[] start = [.. UInt64((ulong)length), .. UInt64((ulong)header.Length), .. UInt32(TestCrc.Of(header))];
        var volume = new TestVolume("film.7z");
        volume.Add([(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C, 0, 4, .. UInt32(TestCrc.Of(start)), .. start]);
        volume.AddHole(length);
        volume.Add(header);
        return volume;
    }

    /// <summary>Makes the checksums of both headers right after damage.</summary>
    public static void Repair(byte[] bytes)
    {
        if (bytes.Length < 32)
        {
            return;
        }

        var (offset, length) = (
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(12)),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(20))
        );
        if (offset <= (ulong)bytes.Length - 32 && length <= (ulong)bytes.Length - 32 - offset)
        {
            var header = bytes.AsSpan(32 + (int)offset, (int)length);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(28), TestCrc.Of(header));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), TestCrc.Of(bytes.AsSpan(12, 20)));
    }

    private static byte[] UInt64(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] UInt32(uint value)
    {
        return UInt64(value)[..4];
    }
}
