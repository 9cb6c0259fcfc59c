using Distribyted.FileSystem;
using Distribyted.Testing;

namespace Distribyted.Archives.Tests;

/// <summary>Counts what is opened and read of a tree, and can make it wait or fail.</summary>
internal sealed class CountingFs(MemoryFs inner) : IFileSystem
{
    private long _bytes;
    private int _opened;

    public long BytesRead => Interlocked.Read(ref _bytes);

    public int Opened => Volatile.Read(ref _opened);

    /// <summary>What a read waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>What a read fails with; null: it does not.</summary>
    public FileSystemException? Failure { get; set; }

    public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return inner.FindAsync(path, cancellationToken);
    }

    public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
    {
        return inner.ListAsync(path, cancellationToken);
    }

    public async ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
    {
        if (await inner.OpenAsync(path, intent, cancellationToken) is not { } reader)
        {
            return null;
        }

        Interlocked.Increment(ref _opened);
        return new Reader(this, reader, inner.Bytes(path.Value) ?? []);
    }

    public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
    {
        return inner.GetSpaceAsync(cancellationToken);
    }

    private sealed class Reader(CountingFs files, FileReader reader, byte[] content) : FileReader
    {
        public override FileEntry Entry => reader.Entry;

        public override async ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
        {
            await files.Gate.WaitAsync(cancellationToken);
            if (files.Failure is { } failure)
            {
                throw failure;
            }

            var read = await reader.ReadAsync(destination, offset, cancellationToken);
            Interlocked.Add(ref files._bytes, read);
            return read;
        }

        // Memory that pins: what a socket would take is what a read would have given.
        public override PinnedBytes Pin(long offset, long most)
        {
            var length = (int)Math.Clamp(content.Length - offset, 0, Math.Min(most, 4096));
            return length == 0 ? default : new PinnedBytes(null, 0, content.AsMemory((int)offset, length), length, Nothing.Instance);
        }

        public override ValueTask DisposeAsync()
        {
            return reader.DisposeAsync();
        }
    }

    private sealed class Nothing : IDisposable
    {
        public static Nothing Instance { get; } = new();

        public void Dispose() { }
    }
}
