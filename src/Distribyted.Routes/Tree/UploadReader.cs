using Distribyted.FileSystem;

namespace Distribyted.Routes.Tree;

/// <summary>Reads a small file back.</summary>
internal sealed class UploadReader(UploadedFile file) : FileReader
{
    public override FileEntry Entry => file.Entry;

    public override ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        if (offset >= file.Content.Length)
        {
            return ValueTask.FromResult(0);
        }

        var count = (int)Math.Min(destination.Length, file.Content.Length - offset);
        file.Content.AsSpan((int)offset, count).CopyTo(destination.Span);
        return ValueTask.FromResult(count);
    }

    public override ValueTask DisposeAsync()
    {
        return ValueTask.CompletedTask;
    }
}
