using Distribyted.FileSystem;

namespace Distribyted.Web.Tests.Tar;

/// <summary>A tree that notes which files are opened, and for what.</summary>
internal sealed class OpenedFiles(IFileSystem files) : IFileSystem
{
    public List<ReadIntent> Intents { get; } = [];

    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return files.FindAsync(path, cancellationToken);
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return files.ListAsync(path, cancellationToken);
    }

    public ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        Intents.Add(intent);
        return files.OpenAsync(path, intent, cancellationToken);
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return files.GetSpaceAsync(cancellationToken);
    }
}
