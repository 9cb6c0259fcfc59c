namespace Distribyted.Archives.Tests.Workshop;

/// <summary>CRC-32 of archives that tests write: not the code that is tested.</summary>
internal static class TestCrc
{
    private static readonly uint[] OfByte = [.. Enumerable.Range(0, 256).Select(static value => Shifted((uint)value))];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = (crc >> 8) ^ OfByte[(byte)(crc ^ value)];
        }

        return ~crc;
    }

    /// <summary>The checksum in the header of a part: of the whole content in the last one, of the part before.</summary>
    public static uint Of(RarItem item, long done, long part, bool isLast)
    {
        return item.Content is not { } content ? 0
            : isLast ? Of(content)
            : Of(content.AsSpan((int)done, (int)part));
    }

    private static uint Shifted(uint value)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
        }

        return value;
    }
}
