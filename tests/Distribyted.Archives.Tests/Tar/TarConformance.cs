using System.Formats.Tar;
using Distribyted.Archives.Tests.Zip;
using Distribyted.FileSystem;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests.Tar;

/// <summary>The content of a tar file, of several writers and variants, keeps to what every file system does.</summary>
[TestFixture("ustar")]
[TestFixture("pax")]
[TestFixture("gnu")]
[TestFixture("tar")]
[TestFixture("7zz")]
public sealed class TarConformance(string writer) : FileSystemConformance
{
    private ArchiveBed? _bed;

    protected override string Base => "/films/set.tar!";

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
            "/films/set.tar",
            writer switch
            {
                "tar" => Zips.MakeWith("tar", ["-cf", "OUT", "."], files, ".tar"),
                "7zz" => Zips.MakeWith("7zz", ["a", "-ttar", "OUT", "."], files, ".tar"),
                "ustar" => Tars.Make(files, TarEntryFormat.Ustar),
                "gnu" => Tars.Make(files, TarEntryFormat.Gnu),
                _ => Tars.Make(files, TarEntryFormat.Pax),
            }
        );
        await _bed.ListAsync(Base, cancellationToken);
        return _bed.Tree;
    }
}
