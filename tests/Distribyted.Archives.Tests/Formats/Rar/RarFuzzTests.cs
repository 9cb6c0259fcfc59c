using Distribyted.Archives.Formats.Rar;
using Distribyted.Archives.Tests.Workshop;

namespace Distribyted.Archives.Tests.Formats.Rar;

public sealed class RarFuzzTests
{
    [Test]
    public async Task Any_bytes_are_read_or_refused([Values(4, 5)] int version)
    {
        var options = new RarOptions { Version = version };
        RarItem[] items =
        [
            new("a folder/файл.txt", new byte[40]),
            new("a folder", 0) { IsFolder = true },
            new("film.mkv", new byte[700]),
            new("link", 0) { LinkTo = "/etc/passwd" },
            new("pipe", new byte[20]) { HidesLength = true, IsEncrypted = true },
        ];
        IReadOnlyList<TestVolume>[] seeds =
        [
            RarWriter.Write("one", options with { Comment = "hello", RecoveryLength = 20 }, items),
            RarWriter.Write("many", options with { VolumeLength = 200, RecoveryLength = 10 }, items),
            RarWriter.Write("old", options with { VolumeLength = 150, IsOldNaming = true, IsSolid = true }, items[2..]),
            RarWriter.Write("program", options with { ProgramLength = 300 }, items),
        ];

        await FormatFuzz.SurvivesAsync(
            new RarFormat(),
            [.. seeds.Select(static volumes => volumes.Select(static volume => volume.Whole()).ToArray())],
            version == 5 ? RarRepair.Version5 : RarRepair.Version4
        );
    }
}
