using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>The checksum in the header of a part: of the whole content in the last one, of the part before.</summary>
internal static class TestCrc
{
    public static uint Of(RarItem item, long done, long part, bool isLast)
    {
        return item.Content is not { } content ? 0
            : isLast ? Crc32.Of(content)
            : Crc32.Of(content.AsSpan((int)done, (int)part));
    }
}
