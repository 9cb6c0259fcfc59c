using System.Runtime.ExceptionServices;
using Distribyted.FileSystem;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.Archives.Spools;

/// <summary>The volumes of a block for a decompressor, which reads in a blocking way: one file below is open at a time. For one thread at a time, which is not of
/// the thread pool; only <see cref="Cancel"/> may be called by others.</summary>
internal sealed class BlockInput : IDisposable
{
    private const int WindowLength = 64 * 1024;

    // Headers are read with a known length, so that what comes after them is not fetched; who reads on gets all.
    private const int JumpLength = WindowLength;

    private readonly IReadOnlyList<FoundEntry> _volumes;
    private readonly string _client;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _cancel = new();
    private readonly ManualResetEventSlim _isDone = new(initialState: false, spinCount: 0);
    private readonly byte[] _window = new byte[WindowLength];
    private int _windowVolume = -1;
    private long _windowStart;
    private int _windowLength;
    private FileReader? _reader;
    private int _readerVolume;
    private long _next; // where the reader goes on
    private bool _isJump;
    private int _read;
    private ExceptionDispatchInfo? _error;

    public BlockInput(PackedBlock block, string client, ILogger logger)
    {
        _volumes = block.Volumes;
        _client = client;
        _logger = logger;
        Volumes = block.AreVolumesJoined
            ? [new VolumeStream(this, 0, _volumes.Count)]
            : [.. Enumerable.Range(0, _volumes.Count).Select(volume => new VolumeStream(this, volume, 1))];
    }

    public IReadOnlyList<Stream> Volumes { get; }

    /// <summary>Bytes read from below.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Why bytes did not come, whatever a library made of it; null: they came.</summary>
    public FileSystemException? Failure { get; private set; }

    public bool IsCancelled => _cancel.IsCancellationRequested;

    public long LengthOf(int volume)
    {
        return _volumes[volume].Entry.Length;
    }

    /// <summary>Reads bytes, waiting for them.</summary>
    /// <returns>At least 1 before the end of the volume.</returns>
    public int Read(int volume, long offset, Span<byte> destination)
    {
        if (destination.IsEmpty || offset >= LengthOf(volume))
        {
            return 0;
        }

        if (volume != _windowVolume || offset < _windowStart || offset >= _windowStart + _windowLength)
        {
            Fill(volume, offset);
        }

        var from = (int)(offset - _windowStart);
        var count = Math.Min(destination.Length, _windowLength - from);
        _window.AsSpan(from, count).CopyTo(destination);
        return count;
    }

    /// <summary>Ends the demand below until the next read.</summary>
    public void Rest()
    {
        if (_reader is { } reader)
        {
            _reader = null;
            Wait(() => CloseAsync(reader));
        }
    }

    /// <summary>A read that waits ends with an <see cref="OperationCanceledException"/>, and so do all further ones.</summary>
    public void Cancel()
    {
        _cancel.Cancel();
    }

    public void Dispose()
    {
        Rest(); // Cancel may still be called, so its source is left to the garbage collector: it has no timer
        _isDone.Dispose();
    }

    private void Fill(int volume, long offset)
    {
        _windowLength = 0;
        try
        {
            _cancel.Token.ThrowIfCancellationRequested();
            Wait(() => FillAsync(volume, offset));
        }
        catch (FileSystemException e)
        {
            Failure = e;
            throw;
        }

        (_windowVolume, _windowStart, _windowLength) = (volume, offset, _read);
        BytesRead += _read;
    }

    private async Task<int> FillAsync(int volume, long offset)
    {
        var isNext = _reader is not null && _readerVolume == volume && _next == offset;
        if (!isNext || _isJump)
        {
            if (_reader is { } former)
            {
                _reader = null;
                await former.DisposeAsync();
            }

            _isJump = !isNext && offset > 0;
            _reader = await OpenAsync(volume, offset);
            _readerVolume = volume;
        }

        var read = await _reader!.ReadAsync(_window, offset, _cancel.Token);
        _next = offset + read;
        return read > 0
            ? read
            : throw new FileSystemException(
                FileSystemFailure.Corrupt,
                $"\"{_volumes[volume].Entry.Name}\" is shorter than it was said to be."
            );
    }

    private async ValueTask<FileReader> OpenAsync(int volume, long offset)
    {
        var file = _volumes[volume];
        var reader = await file.OpenAsync(new ReadIntent(offset, _isJump ? JumpLength : null, _client), _cancel.Token);
        if (reader?.Entry.ETag == file.Entry.ETag)
        {
            return reader;
        }

        if (reader is not null)
        {
            await reader.DisposeAsync();
        }

        throw new FileSystemException(FileSystemFailure.Removed, $"\"{file.Entry.Name}\" was removed or replaced.");
    }

    private static async Task<int> CloseAsync(FileReader reader)
    {
        await reader.DisposeAsync();
        return 0;
    }

    // Blocks this thread, and none of the pool, until the work is done.
    private void Wait(Func<Task<int>> work)
    {
        _error = null;
        _isDone.Reset();
        Background.Forget("input of a decompression", _logger, RunAsync(work));
        _isDone.Wait();
        _error?.Throw();
    }

    private async Task RunAsync(Func<Task<int>> work)
    {
        try
        {
            _read = await work();
        }
        catch (Exception e)
        {
            _error = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            _isDone.Set();
        }
    }
}
