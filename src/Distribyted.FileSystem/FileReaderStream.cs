namespace Distribyted.FileSystem;

/// <summary>A file as a seekable stream, for libraries that know nothing else. One thread at a time.</summary>
/// <remarks>The synchronous reads block their thread until bytes are here: use them only where a library leaves no choice, never on a request.</remarks>
public sealed class FileReaderStream : Stream
{
    private readonly FileReader _reader;
    private readonly bool _leaveOpen;
    private long _position;
    private bool _disposed;

    /// <summary>A stream over an open file.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="leaveOpen">False: disposing the stream disposes the reader.</param>
    public FileReaderStream(FileReader reader, bool leaveOpen = false)
    {
        _reader = reader;
        _leaveOpen = leaveOpen;
    }

    /// <inheritdoc/>
    public override bool CanRead => !_disposed;

    /// <inheritdoc/>
    public override bool CanSeek => !_disposed;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => _reader.Entry.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var read = await _reader.ReadAsync(buffer, _position, cancellationToken);
        _position += read;
        return read;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None);
#pragma warning disable RS0030 // a library asked synchronously: there is nothing to await with
        return read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();
#pragma warning restore RS0030
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => checked(_position + offset),
            SeekOrigin.End => checked(Length + offset),
            _ => throw new ArgumentOutOfRangeException(nameof(origin)),
        };
        if (target < 0)
        {
            throw new IOException("A file has nothing before its first byte.");
        }

        _position = target;
        return target;
    }

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override void SetLength(long value)
    {
        throw new NotSupportedException("The file can only be read.");
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        throw new NotSupportedException("The file can only be read.");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            if (!_leaveOpen)
            {
                await _reader.DisposeAsync();
            }
        }

        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            if (!_leaveOpen)
            {
#pragma warning disable RS0030 // as in Read
                _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
#pragma warning restore RS0030
            }
        }

        base.Dispose(disposing);
    }
}
