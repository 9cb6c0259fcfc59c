using System.Formats.Tar;
using Distribyted.Archives.Formats.Tar;
using Distribyted.Archives.Tests.Workshop;

namespace Distribyted.Archives.Tests.Tar;

public sealed class TarFuzzTests
{
    [Test]
    public async Task Any_bytes_are_read_or_refused()
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["a/film.mkv"] = new byte[700],
            ["b.txt"] = [1, 2, 3],
            ["\u00e9.nfo"] = [],
        };
        byte[][] seeds =
        [
            Tars.Make(files, TarEntryFormat.Pax),
            Tars.Make(files, TarEntryFormat.Gnu),
            Tars.Make(files, TarEntryFormat.Ustar),
        ];

        await FormatFuzz.SurvivesAsync(new TarFormat(), seeds, Repair);
    }

    private static void Repair(byte[] bytes)
    {
        for (var at = 0; at + 512 <= bytes.Length; at += 512)
        {
            if (bytes.AsSpan(at + 257).StartsWith("ustar"u8))
            {
                TarFormatTests.Sign(bytes.AsSpan(at, 512));
            }
        }
    }
}
