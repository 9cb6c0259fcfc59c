namespace Distribyted.WebDav.Writing;

/// <summary>A long body while it waits on disk; its file and the disk space reserved for it go with it.</summary>
internal sealed class SpoolFile : FileStream
{
    private static readonly FileStreamOptions Waiting = new()
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
    };

    private IDisposable? _reserved;

    private SpoolFile(string path, IDisposable? reserved)
        : base(path, Waiting)
    {
        _reserved = reserved;
    }

    /// <summary>Makes an empty one.</summary>
    /// <param name="folder">Where; made if it is missing.</param>
    /// <param name="reserved">Taken over, also when this fails.</param>
    /// <exception cref="IOException">It cannot be made; or <see cref="UnauthorizedAccessException"/>.</exception>
    public static SpoolFile Create(string folder, IDisposable? reserved)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new SpoolFile(Path.Combine(folder, "distribyted-" + Guid.NewGuid().ToString("N")), reserved);
        }
        catch
        {
            reserved?.Dispose();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        GiveBack();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        GiveBack();
    }

    private void GiveBack()
    {
        Interlocked.Exchange(ref _reserved, null)?.Dispose();
    }
}
