using System.Buffers.Binary;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Rar;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Makes the checksums of RAR headers right after damage, as far as one header leads to the next.</summary>
internal static class RarRepair
{
    public static void Version4(byte[] bytes)
    {
        for (var at = 7; at + 7 <= bytes.Length; )
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 5));
            if (length < 7 || at + length > bytes.Length)
            {
                return;
            }

            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)Crc32.Of(bytes.AsSpan(at + 2, length - 2)));
            var hasData = (bytes[at + 4] & 0x80) != 0 && length >= 11;
            var next = at + length + (hasData ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 7)) : 0L);
            at = (int)Math.Min(next, bytes.Length);
        }
    }

    public static void Version5(byte[] bytes)
    {
        for (var at = 8; at + 7 <= bytes.Length; )
        {
            var field = new HeaderSpan(bytes.AsSpan(at + 4));
            var left = field.Left;
            try
            {
                var size = (long)Vint.Read(ref field);
                var end = at + 4 + left - field.Left + size;
                if (size <= 0 || size > bytes.Length || end > bytes.Length)
                {
                    return;
                }

                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Crc32.Of(bytes.AsSpan(at + 4, (int)end - at - 4)));
                _ = Vint.Read(ref field);
                var flags = Vint.Read(ref field);
                _ = (flags & 1) != 0 ? Vint.Read(ref field) : 0;
                var data = (flags & 2) != 0 ? Vint.Read(ref field) : 0;
                at = (int)Math.Min((ulong)end + Math.Min(data, int.MaxValue), (ulong)bytes.Length);
            }
            catch (ArchiveException)
            {
                return;
            }
        }
    }
}
