using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Tests;

/// <summary>An archive in memory for header readers; one that ends earlier than it says gives zeros.</summary>
internal sealed class MemorySource(byte[] bytes, long lengthOfFirst = -1) : IArchiveSource, IAsyncDisposable
{
    public static ArchiveLimits Limits { get; } = new(1000, 1 << 20, []);

    public int Volumes => 1;

    public string NameOf(int volume)
    {
        return "archive";
    }

    public long LengthOf(int volume)
    {
        return lengthOfFirst < 0 ? bytes.Length : lengthOfFirst;
    }

    public ValueTask<int> ReadAsync(int volume, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var length = (int)Math.Clamp(LengthOf(0) - offset, 0, destination.Length);
        destination.Span[..length].Clear();
        if (offset < bytes.Length && length > 0)
        {
            bytes.AsSpan((int)offset, (int)Math.Min(length, bytes.Length - offset)).CopyTo(destination.Span);
        }

        return ValueTask.FromResult(length);
    }

    public ValueTask DisposeAsync()
    {
        return ValueTask.CompletedTask;
    }
}
