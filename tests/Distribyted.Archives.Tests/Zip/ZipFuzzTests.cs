using System.IO.Compression;
using Distribyted.Archives.Formats.Zip;
using Distribyted.Archives.Tests.Workshop;

namespace Distribyted.Archives.Tests.Zip;

public sealed class ZipFuzzTests
{
    private const string Zip64 = """
        import sys, zipfile
        with zipfile.ZipFile(sys.argv[1], 'w') as z:
            for n in ('a/film.mkv', 'b.txt'):
                with z.open(n, 'w', force_zip64=True) as e:
                    e.write(open(n, 'rb').read())
        """;

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
            Zips.Make(files),
            Zips.Make(files, CompressionLevel.Optimal),
            Zips.MakeWith("python3", ["-c", Zip64, "OUT"], files),
        ];

        await FormatFuzz.SurvivesAsync(new ZipFormat(), seeds);
    }
}
