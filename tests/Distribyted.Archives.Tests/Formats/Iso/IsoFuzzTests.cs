using Distribyted.Archives.Formats.Iso;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests.Formats.Iso;

public sealed class IsoFuzzTests
{
    private const int Start = 16 * 2048;

    [Test]
    public async Task Any_ISO_9660_is_read_or_refused()
    {
        var seeds = new[]
        {
            await MakeAsync("xorriso", "-as mkisofs -R -no-pad -o x.iso in"),
            await MakeAsync("xorriso", "-as mkisofs -J -no-pad -o x.iso in"),
            await MakeAsync("genisoimage", "-R -J -no-pad -o x.iso in"),
        };

        await FormatFuzz.SurvivesAsync(new IsoFormat(), seeds);
    }

    [Test]
    public async Task Any_UDF_is_read_or_refused()
    {
        var seeds = new[] { UdfWriter.Write(hasMetadata: false), UdfWriter.Write(hasMetadata: true) };

        await FormatFuzz.SurvivesAsync(new IsoFormat(), [.. seeds.Select(static v => (IReadOnlyList<TestVolume>)[v])], UdfWriter.Repair);
    }

    private static async Task<IReadOnlyList<TestVolume>> MakeAsync(string program, string arguments)
    {
        using var folder = new TempFolder();
        folder.Write("in/1/2/3/4/5/6/7/8/deep.txt", new byte[30]);
        folder.Write("in/a/b.txt", new byte[3000]);
        folder.Write($"in/{new string('n', 100)}", new byte[5]);
        File.CreateSymbolicLink(folder.At("in", "link"), "/etc/passwd");
        await ArchivePrograms.RunAsync(program, arguments.Split(' '), CancellationToken.None, folder.Path);
        var volume = new TestVolume("x.iso");
        volume.AddHole(Start);
        var bytes = await File.ReadAllBytesAsync(folder.At("x.iso"));
        volume.AddBlocks(bytes.AsSpan(Start), 2048);
        return [volume];
    }
}
