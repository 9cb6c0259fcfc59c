using Distribyted.Testing;

namespace Distribyted.FileSystem.Tests;

[TestFixture]
public sealed class MemoryFsConformance : FileSystemConformance
{
    protected override Task<IFileSystem> CreateAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        return Task.FromResult<IFileSystem>(Trees.Memory(files));
    }
}

[TestFixture("/films")]
[TestFixture("/a/b")]
[TestFixture("")]
public sealed class ContainerFsConformance(string mount) : FileSystemConformance
{
    protected override string Base => mount;

    protected override Task<IFileSystem> CreateAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        var mounts = new Mount[]
        {
            new(VirtualPath.Parse(mount), Trees.Memory(files)),
            new(VirtualPath.Parse("/films-4k"), Trees.Memory(new Dictionary<string, byte[]> { ["x.mkv"] = [1] })),
        };
        return Task.FromResult<IFileSystem>(new ContainerFs(mounts, DateTimeOffset.UnixEpoch));
    }
}

[TestFixture("/films")]
[TestFixture("/a/b")]
public sealed class ScopedFsConformance(string scope) : FileSystemConformance
{
    protected override string Base => scope;

    protected override Task<IFileSystem> CreateAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        var tree = Trees.Memory(files, scope);
        tree.AddFile("/other/hidden.mkv", new byte[5]);
        return Task.FromResult<IFileSystem>(new ScopedFs(tree, new PathScope([VirtualPath.Parse(scope)])));
    }
}

[TestFixture]
public sealed class ScopedWritableFsConformance : FileSystemConformance
{
    protected override string Base => "/films";

    protected override Task<IFileSystem> CreateAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        return Task.FromResult<IFileSystem>(new ScopedWritableFs(Trees.Memory(files, Base), new PathScope([VirtualPath.Parse(Base)])));
    }
}

[TestFixture]
public sealed class WholeScopedFsConformance : FileSystemConformance
{
    protected override Task<IFileSystem> CreateAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        return Task.FromResult<IFileSystem>(new ScopedFs(Trees.Memory(files), PathScope.All));
    }
}

[TestFixture]
public sealed class ImportedFolderConformance : FileSystemConformance
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-").FullName;
    }

    [TearDown]
    public void RemoveFolder()
    {
        Directory.Delete(_folder, recursive: true);
    }

    protected override async Task<IFileSystem> CreateAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellationToken)
    {
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(_folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, content, cancellationToken);
        }

        var tree = new MemoryFs();
        tree.Import(_folder);
        return tree;
    }
}
