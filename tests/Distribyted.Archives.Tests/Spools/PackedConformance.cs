using Distribyted.FileSystem;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests.Spools;

/// <summary>Compressed content keeps to what every file system does.</summary>
[TestFixture("zip deflate")]
[TestFixture("zip .NET")]
[TestFixture("7z LZMA2")]
[TestFixture("7z not solid")]
[TestFixture("tar.gz")]
[TestFixture("tar.xz")]
public sealed class PackedConformance(string kind) : FileSystemConformance
{
    private ArchiveBed? _bed;

    protected override string Base => PackedArchives.FolderOf(kind);

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
        _bed.Add("/" + PackedArchives.NameOf(kind), PackedArchives.Make(kind, files));
        var listing = await _bed.ListAsync(Base, cancellationToken);
        Assert.That(listing.Note, Is.Null);
        return _bed.Tree;
    }
}
