using Distribyted.Archives.Tests.Workshop;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests.Formats.Rar;

/// <summary>The archives of <see cref="RarWriter"/> are right: programs that we did not write unpack them.</summary>
public sealed class RarInteropTests
{
    private readonly RarItem[] _items =
    [
        new("folder/файл.txt", Noise(700)),
        new("folder/film.mkv", Noise(60_000)),
        new("empty", Array.Empty<byte>()),
        new("last.nfo", Noise(20)),
    ];

    [TestCase("bsdtar", 4, true)]
    [TestCase("bsdtar", 5, true)]
    [TestCase("unar", 4, false)]
    [TestCase("unar", 4, true)]
    [TestCase("unar", 5, false)]
    [TestCase("unar", 5, true)]
    [CancelAfter(60_000)]
    public async Task One_file_is_unpacked(string program, int version, bool isOldNaming, CancellationToken cancellationToken)
    {
        await UnpacksAsync(
            program,
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

    // bsdtar does not look for the next volume, unar not for that of version 5 by old names.
    [TestCase("unar", 4, false)]
    [TestCase("unar", 4, true)]
    [TestCase("unar", 5, false)]
    [CancelAfter(60_000)]
    public async Task Volumes_are_unpacked(string program, int version, bool isOldNaming, CancellationToken cancellationToken)
    {
        await UnpacksAsync(
            program,
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

    // Of version 4 none of both opens them.
    [TestCase("unar", 5, false)]
    [TestCase("unar", 5, true)]
    [CancelAfter(60_000)]
    public async Task Encrypted_headers_are_opened(string program, int version, bool isOldNaming, CancellationToken cancellationToken)
    {
        await UnpacksAsync(
            program,
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

    private async Task UnpacksAsync(string program, RarOptions options, string? password, CancellationToken cancellationToken)
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
