using Distribyted.Archives.Formats;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>A file on disk, for images that are too large for memory. Counts what is read.</summary>
internal sealed class FileSource(FileStream file) : IArchiveSource
{
    public int Volumes => 1;

    public int Reads { get; private set; }

    public long BytesRead { get; private set; }

    public string NameOf(int volume)
    {
        return Path.GetFileName(file.Name);
    }

    public long LengthOf(int volume)
    {
        return file.Length;
    }

    public async ValueTask<int> ReadAsync(int volume, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        file.Position = offset;
        var count = await file.ReadAtLeastAsync(destination, destination.Length, throwOnEndOfStream: false, cancellationToken);
        Reads++;
        BytesRead += count;
        return count;
    }
}
