using System.Formats.Tar;
using Distribyted.Archives.Tests.Tar;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.Archives.Tests.Zip;
using Distribyted.FileSystem;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests;

/// <summary>Stored content of every format, of several writers and in volumes, keeps to what every file system does.</summary>
[TestFixture("zip", "/set.zip!")]
[TestFixture("zip by zip", "/set.zip!")]
[TestFixture("zip by 7zz", "/set.zip!")]
[TestFixture("zip into a pipe", "/set.zip!")]
[TestFixture("tar ustar", "/films/set.tar!")]
[TestFixture("tar pax", "/films/set.tar!")]
[TestFixture("tar gnu", "/films/set.tar!")]
[TestFixture("tar by tar", "/films/set.tar!")]
[TestFixture("tar by 7zz", "/films/set.tar!")]
[TestFixture("rar 4", "/set.rar!")]
[TestFixture("rar 5", "/set.rar!")]
[TestFixture("rar 4 volumes", "/films/set.rar!")]
[TestFixture("rar 5 volumes", "/films/set.part01.rar!")]
[TestFixture("7z", "/set.7z!")]
[TestFixture("7z pieces", "/set.7z.001!")]
[TestFixture("iso", "/set.iso!")]
[TestFixture("joliet", "/set.iso!")]
public sealed class FormatConformance(string kind, string folder) : FileSystemConformance
{
    // What is written cannot be sought: lengths come after the bytes.
    private const string IntoPipe = """
        import os, sys, zipfile
        class Pipe:
            def __init__(self, file): self.file = file
            def write(self, data): return self.file.write(data)
            def flush(self): self.file.flush()
        with open(sys.argv[1], 'wb') as out, zipfile.ZipFile(Pipe(out), 'w', zipfile.ZIP_STORED) as archive:
            for folder, _, names in os.walk('.'):
                for name in names:
                    path = os.path.relpath(os.path.join(folder, name))
                    with archive.open(zipfile.ZipInfo(path, (2024, 1, 2, 3, 4, 6)), 'w', force_zip64=True) as entry, open(path, 'rb') as content:
                        entry.write(content.read())
        """;

    private ArchiveBed? _bed;

    protected override string Base => folder;

    [TearDown]
    public async Task EndAsync()
    {
        if (_bed is not null)
        {
            await _bed.DisposeAsync();
        }
    }

    protected override async Task<IFileSystem> CreateAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        _bed = new ArchiveBed();
        foreach (var (name, content) in Write(files))
        {
            _bed.Add(folder[..(folder.LastIndexOf('/') + 1)] + name, content);
        }

        var listing = await _bed.ListAsync(Base, cancellationToken);
        Assert.That(listing.Note, Is.Null);
        return _bed.Tree;
    }

    private IEnumerable<(string Name, byte[] Content)> Write(IReadOnlyDictionary<string, byte[]> files)
    {
        switch (kind)
        {
            case "zip":
                return [("set.zip", Zips.Make(files))];
            case "zip by zip":
                return [("set.zip", Zips.MakeWith("zip", ["-0", "-r", "OUT", "."], files))];
            case "zip by 7zz":
                return [("set.zip", Zips.MakeWith("7zz", ["a", "-tzip", "-mx=0", "-mcu=on", "OUT", "."], files))];
            case "zip into a pipe":
                return [("set.zip", Zips.MakeWith("python3", ["-c", IntoPipe, "OUT"], files))];
            case "tar ustar":
                return [("set.tar", Tars.Make(files, TarEntryFormat.Ustar))];
            case "tar pax":
                return [("set.tar", Tars.Make(files, TarEntryFormat.Pax))];
            case "tar gnu":
                return [("set.tar", Tars.Make(files, TarEntryFormat.Gnu))];
            case "tar by tar":
                return [("set.tar", Zips.MakeWith("tar", ["-cf", "OUT", "."], files, ".tar"))];
            case "tar by 7zz":
                return [("set.tar", Zips.MakeWith("7zz", ["a", "-ttar", "OUT", "."], files, ".tar"))];
            case "7z":
                return [("set.7z", Zips.MakeWith("7zz", ["a", "-mx=0", "OUT", "."], files, ".7z"))];
            case "7z pieces":
                return Zips.MakeWith("7zz", ["a", "-mx=0", "OUT", "."], files, ".7z")
                    .Chunk(70_000)
                    .Select((piece, i) => ($"set.7z.{i + 1:000}", piece));
            case "iso":
                return [("set.iso", Zips.MakeWith("xorriso", ["-as", "mkisofs", "-quiet", "-R", "-o", "OUT", "."], files, ".iso"))];
            case "joliet":
                return
                [
                    (
                        "set.iso",
                        Zips.MakeWith("xorriso", ["-as", "mkisofs", "-quiet", "-J", "-joliet-long", "-o", "OUT", "."], files, ".iso")
                    ),
                ];
            default:
                var options = new RarOptions
                {
                    Version = kind.Contains('5', StringComparison.Ordinal) ? 5 : 4,
                    VolumeLength = kind.EndsWith("volumes", StringComparison.Ordinal) ? 30_000 : null,
                    IsOldNaming = folder.EndsWith("set.rar!", StringComparison.Ordinal),
                };
                return RarWriter
                    .Write("set", options, [.. files.Select(f => new RarItem(f.Key, f.Value))])
                    .Select(v => (v.Name, v.ToArray()));
        }
    }
}
