using Distribyted.Archives.Formats.SevenZip;
using Distribyted.Archives.Tests.Workshop;

namespace Distribyted.Archives.Tests.Formats.SevenZip;

public sealed class SevenZipFuzzTests
{
    private static readonly string[] Archives =
    [
        "copy.7z",
        "copy_2.7z",
        "empty_file.7z",
        "encryption.7z",
        "encryption_header.7z",
        "encryption_partially.7z",
        "lzma1_lzma2.7z",
        "symbolic_name.7z",
        "packinfo_digests.7z",
    ];

    [Test]
    public async Task Any_bytes_are_read_or_refused()
    {
        var seeds = Archives
            .Select(static name => (IReadOnlyList<TestVolume>)[Volume(name)])
            .Append([SevenZipWriter.Stored("film", 50).Whole()])
            .ToArray();

        await FormatFuzz.SurvivesAsync(new SevenZipFormat(), seeds, SevenZipWriter.Repair);
    }

    private static TestVolume Volume(string name)
    {
        var volume = new TestVolume(name);
        volume.Add(Samples.Read(name));
        return volume;
    }
}
