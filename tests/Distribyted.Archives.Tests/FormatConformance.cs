using Distribyted.Archives.Tests.Workshop;
using Distribyted.Archives.Tests.Zip;
using Distribyted.FileSystem;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests;

/// <summary>Stored content of RAR, in one file and in volumes, of 7z and of disc images keeps to what every file system does.</summary>
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
