using Distribyted.FileSystem;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests.Zip;

/// <summary>The content of a stored zip file, of several writers, keeps to what every file system does.</summary>
[TestFixture(".NET")]
[TestFixture("zip")]
[TestFixture("7zz")]
[TestFixture("python")]
public sealed class ZipConformance(string writer) : FileSystemConformance
{
    private const string Streamed = """
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

    protected override string Base => "/set.zip!";

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
        _bed.Add(
            "/set.zip",
            writer switch
            {
                "zip" => Zips.MakeWith("zip", ["-0", "-r", "OUT", "."], files),
                "7zz" => Zips.MakeWith("7zz", ["a", "-tzip", "-mx=0", "-mcu=on", "OUT", "."], files),
                "python" => Zips.MakeWith("python3", ["-c", Streamed, "OUT"], files), // not seekable: lengths come after the bytes
                _ => Zips.Make(files),
            }
        );
        await _bed.ListAsync(Base, cancellationToken);
        return _bed.Tree;
    }
}
