using Distribyted.Archives.Tests.Workshop;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests.Formats.Rar;

/// <summary>The archives of <see cref="RarWriter"/> are right: programs that we did not write unpack them.</summary>
[TestFixture("bsdtar", 4, true)]
[TestFixture("bsdtar", 5, true)]
[TestFixture("unar", 4, false)]
[TestFixture("unar", 4, true)]
[TestFixture("unar", 5, false)]
[TestFixture("unar", 5, true)]
public sealed class RarInteropTests(string program, int version, bool isOldNaming)
{
    private readonly RarItem[] _items =
    [
        new("folder/файл.txt", Noise(700)),
        new("folder/film.mkv", Noise(60_000)),
        new("empty", Array.Empty<byte>()),
        new("last.nfo", Noise(20)),
    ];

    [Test, CancelAfter(60_000)]
    public async Task One_file_is_unpacked(CancellationToken cancellationToken)
    {
        await UnpacksAsync(
            new RarOptions
            {
                Version = version,
                IsOldNaming = isOldNaming,
                IsLocked = true,
                Comment = "by hand",
            },
            null,
            cancellationToken
        );
    }

    [Test, CancelAfter(60_000)]
    public async Task Volumes_are_unpacked(CancellationToken cancellationToken)
    {
        if (program == "bsdtar" || (program == "unar" && version == 5 && isOldNaming))
        {
            Assert.Ignore($"{program} does not look for the next volume by these names.");
        }

        await UnpacksAsync(
            new RarOptions
            {
                Version = version,
                IsOldNaming = isOldNaming,
                VolumeLength = 9000,
            },
            null,
            cancellationToken
        );
    }

    [Test, CancelAfter(60_000)]
    public async Task Encrypted_headers_are_opened(CancellationToken cancellationToken)
    {
        if (program == "bsdtar" || version == 4)
        {
            Assert.Ignore($"{program} does not open encrypted headers of this version.");
        }

        await UnpacksAsync(
            new RarOptions
            {
                Version = version,
                IsOldNaming = isOldNaming,
                Password = "secret",
            },
            "secret",
            cancellationToken
        );
    }

    private async Task UnpacksAsync(RarOptions options, string? password, CancellationToken cancellationToken)
    {
        ArchivePrograms.Need(program);
        using var folder = new TempFolder();
        var volumes = RarWriter.Write("film", options, _items);
        foreach (var volume in volumes)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder.Path, volume.Name), volume.ToArray(), cancellationToken);
        }

        var target = Directory.CreateDirectory(Path.Combine(folder.Path, "out")).FullName;
        var first = Path.Combine(folder.Path, volumes[0].Name);
        string[] arguments = program switch
        {
            "bsdtar" => ["-x", "-f", first, "-C", target],
            _ =>
            [
                "-force-overwrite",
                "-no-directory",
                .. password is null ? Array.Empty<string>() : ["-password", password],
                "-output-directory",
                target,
                first,
            ],
        };
        var output = await ArchivePrograms.RunAsync(program, arguments, cancellationToken);

        foreach (var item in _items)
        {
            Assert.That(File.Exists(Path.Combine(target, item.Path)), output);
            Assert.That(
                await File.ReadAllBytesAsync(Path.Combine(target, item.Path), cancellationToken),
                Is.EqualTo(item.Content),
                item.Path
            );
        }
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
