namespace Distribyted.Archives.Formats;

/// <summary>CRC-32 as zip, RAR and 7z use it (polynomial 0xEDB88320, reflected).</summary>
internal static class Crc32
{
    private static readonly uint[] Table = MakeTable();

    /// <summary>The sum over these bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        return Append(0, bytes);
    }

    /// <summary>The sum over what <paramref name="sum"/> is that of, 0 for nothing, and these bytes.</summary>
    public static uint Append(uint sum, ReadOnlySpan<byte> bytes)
    {
        var crc = ~sum;
        foreach (var value in bytes)
        {
            crc = Step(crc, value);
        }

        return ~crc;
    }

    /// <summary>One byte, without the complements before and after.</summary>
    public static uint Step(uint crc, byte value)
    {
        return Table[(byte)(crc ^ value)] ^ (crc >> 8);
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
            }

            table[i] = crc;
        }

        return table;
    }
}
