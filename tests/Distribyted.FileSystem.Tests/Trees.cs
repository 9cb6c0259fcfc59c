using Distribyted.Testing;

namespace Distribyted.FileSystem.Tests;

internal static class Trees
{
    public static MemoryFs Memory(IReadOnlyDictionary<string, byte[]> files, string at = "")
    {
        var tree = new MemoryFs();
        foreach (var (name, content) in files)
        {
            tree.AddFile(at + "/" + name, content);
        }

        return tree;
    }

    public static MemoryFs Memory(params string[] files)
    {
        var tree = new MemoryFs();
        foreach (var name in files)
        {
            tree.AddFile(name, new byte[] { 1, 2, 3 });
        }

        return tree;
    }

    public static async Task<string[]> NamesAsync(this IFileSystem files, string folder, CancellationToken cancellationToken)
    {
        var listing = await files.ListAsync(VirtualPath.Parse(folder), cancellationToken);
        return listing is null ? ["(nothing)"] : [.. Enumerable.Range(0, listing.Count).Select(i => listing[i].Name)];
    }

    public static async Task<bool> HasAsync(this IFileSystem files, string path, CancellationToken cancellationToken)
    {
        return await files.FindAsync(VirtualPath.Parse(path), cancellationToken) is not null;
    }
}
