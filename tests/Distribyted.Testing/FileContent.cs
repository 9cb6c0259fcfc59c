using Distribyted.FileSystem;

namespace Distribyted.Testing;

/// <summary>What a file of <see cref="MemoryFs"/> holds; immutable.</summary>
internal abstract class FileContent
{
    public abstract long Length { get; }

    public abstract FileReader Open(FileEntry entry);
}

/// <summary>Bytes in memory.</summary>
internal sealed class MemoryContent(byte[] bytes) : FileContent
{
    public byte[] Bytes => bytes;

    public override long Length => bytes.Length;

    public override FileReader Open(FileEntry entry)
    {
        return new Reader(entry, bytes);
    }

    private sealed class Reader(FileEntry entry, byte[] bytes) : FileReader
    {
        public override FileEntry Entry => entry;

        public override ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            var rest = offset >= bytes.Length ? Memory<byte>.Empty : bytes.AsMemory((int)offset);
            var count = Math.Min(rest.Length, destination.Length);
            rest[..count].CopyTo(destination);
            return ValueTask.FromResult(count);
        }

        public override PinnedBytes Pin(long offset, long most)
        {
            var rest = offset >= bytes.Length ? ReadOnlyMemory<byte>.Empty : bytes.AsMemory((int)offset);
            var count = (int)Math.Min(rest.Length, most);
            return new PinnedBytes(null, 0, rest[..count], count, null);
        }

        public override ValueTask DisposeAsync()
        {
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>A file of this machine.</summary>
internal sealed class DiskContent(string path, long length) : FileContent
{
    public override long Length => length;

    public override FileReader Open(FileEntry entry)
    {
        return new Reader(entry, path);
    }

    private sealed class Reader(FileEntry entry, string path) : FileReader
    {
        private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file = File.OpenHandle(path, options: FileOptions.Asynchronous);

        public override FileEntry Entry => entry;

        public override ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
        {
            return offset >= entry.Length ? ValueTask.FromResult(0) : RandomAccess.ReadAsync(_file, destination, offset, cancellationToken);
        }

        public override PinnedBytes Pin(long offset, long most)
        {
            var count = (int)Math.Clamp(entry.Length - offset, 0, Math.Min(most, 1 << 30));
            return new PinnedBytes(_file, offset, default, count, null);
        }

        public override ValueTask DisposeAsync()
        {
            _file.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
