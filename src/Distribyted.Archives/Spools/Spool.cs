// Longer than most: readers, parts and the pump of a block are right only together, under one lock.
using Distribyted.Archives.Formats;
using Distribyted.Archives.Telemetry;
using Distribyted.FileSystem;
using Distribyted.Platform;

namespace Distribyted.Archives.Spools;

/// <summary>The unpacked bytes of one block: what of them is on disk, who reads them, and the one decompression that goes on only while they want more. Safe for use
/// by many threads.</summary>
/// <remarks>One task at a time decompresses, step by step (<see cref="PumpAsync"/>); each step runs on a thread of its own kind. Reads that wait are served in their
/// order. Where the decompression is past the bytes that a read wants, and these were evicted, it begins again: at the last checkpoint before them.</remarks>
internal sealed class Spool(SpoolStore store, PackedBlock block)
{
    /// <summary>Bytes of a part.</summary>
    public const int PartLength = 4 << 20;

    // What is decompressed beyond the last byte that was asked for; a step that readers wait for is no longer.
    private const int ReadAhead = 1 << 20;
    private const int StepLength = 256 * 1024;

    private readonly Dictionary<int, SpoolPart> _parts = []; // guarded by the store's lock, as all that follows
    private readonly Demands _demands = new();
    private readonly Decompression _decompression = new(store, block);
    private readonly HashSet<SpoolReader> _readers = [];
    private Task _pump = Task.CompletedTask;
    private bool _isPumping;
    private bool _mustRest; // end the demand for packed bytes
    private bool _mustClose;
    private long? _end = block.Length;
    private FileSystemException? _fault; // why there are no bytes from _faultAt on, for good
    private long _faultAt;

    private enum Step
    {
        None,
        Rest,
        Close,
        Decode,
    }

    public PackedBlock Block => block;

    /// <summary>Bytes of the block; null: not known yet.</summary>
    public long? Length
    {
        get
        {
            lock (store.Lock)
            {
                return _end;
            }
        }
    }

    /// <summary>Whether readers have it open. The store's lock is held.</summary>
    public bool HasReaders => _readers.Count > 0;

    /// <summary>Whether there is a decompression that does nothing now. The store's lock is held.</summary>
    public bool IsIdle => _decompression.Decoder is not null && !_isPumping;

    /// <summary>Whether nothing would be lost with it. The store's lock is held.</summary>
    public bool IsForgettable => _readers.Count == 0 && _parts.Count == 0 && _decompression.Decoder is null && !_isPumping;

    /// <summary>Bytes of memory of its checkpoints. The store's lock is held.</summary>
    public long CheckpointLength => _decompression.CheckpointLength;

    /// <summary>Forgets its checkpoints. The store's lock is held.</summary>
    public void ClearCheckpoints()
    {
        _decompression.ClearCheckpoints();
    }

    /// <summary>Whether a reader is in this part. The store's lock is held.</summary>
    public bool IsRead(int part)
    {
        foreach (var reader in _readers)
        {
            if (reader.Position / PartLength == part)
            {
                return true;
            }
        }

        return false;
    }

    public void Join(SpoolReader reader)
    {
        lock (store.Lock)
        {
            _readers.Add(reader);
            store.EndIdle(this);
            (_mustRest, _mustClose) = (false, false);
        }
    }

    public void Leave(SpoolReader reader)
    {
        lock (store.Lock)
        {
            _readers.Remove(reader);
        }

        store.WatchIdle(this);
    }

    /// <summary>Reads bytes, waiting for their decompression. 0: the block ends before.</summary>
    /// <exception cref="FileSystemException">They will not come.</exception>
    public async ValueTask<int> ReadAsync(SpoolReader reader, Memory<byte> destination, long offset, CancellationToken cancellationToken)
    {
        var at = (int)(offset % PartLength);
        while (true)
        {
            SpoolPart? part;
            int count;
            lock (store.Lock)
            {
                reader.Position = offset;
                if (_end <= offset)
                {
                    return 0;
                }

                part = UsePart(offset);
                count = Math.Min(destination.Length, (part?.To ?? 0) - at); // with the lock: a decompression that jumps changes it
            }

            if (part is null)
            {
                await WaitAsync(reader, offset, cancellationToken);
                continue;
            }

            try
            {
                var read = await RandomAccess.ReadAsync(part.File, destination[..count], at, cancellationToken);
                return read > 0 ? read : throw new FileSystemException(FileSystemFailure.Unavailable, "The spool was cut short.");
            }
            catch (IOException e)
            {
                throw new FileSystemException(FileSystemFailure.Unavailable, $"The spool cannot be read: {e.Message}", e);
            }
            finally
            {
                store.EndUse(part);
            }
        }
    }

    /// <summary>Waits until a byte is there, or the block is known to end before it.</summary>
    public async Task WaitAsync(SpoolReader reader, long offset, CancellationToken cancellationToken)
    {
        LinkedListNode<Demand> demand;
        lock (store.Lock)
        {
            reader.Position = offset;
            if (_end <= offset || Find(offset) is not null)
            {
                return;
            }

            if (_fault is { } fault && offset >= _faultAt)
            {
                throw new FileSystemException(fault.Failure, fault.Message, fault);
            }

            demand = _demands.Add(offset);
            StartPump();
        }

        try
        {
            await demand.Value.Done.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (store.Lock)
            {
                demand.List?.Remove(demand);
            }
        }
    }

    /// <summary>Bytes that are there, where they lie.</summary>
    public PinnedBytes Pin(SpoolReader reader, long offset, long most)
    {
        lock (store.Lock)
        {
            reader.Position = offset;
            if (UsePart(offset) is not { } part)
            {
                return default;
            }

            var at = (int)(offset % PartLength);
            return new PinnedBytes(part.File, at, default, (int)Math.Min(most, part.To - at), new PartUse(store, part));
        }
    }

    /// <summary>There are no readers for a while: fetching packed bytes ends; or the decompression ends, too.</summary>
    public void Rest(bool close)
    {
        BlockInput? blocked = null;
        lock (store.Lock)
        {
            if (_readers.Count > 0 && !close)
            {
                return;
            }

            _mustRest = true;
            _mustClose |= close;
            if (_isPumping)
            {
                blocked = _readers.Count == 0 ? _decompression.Input : null;
            }
            else if (_decompression.Decoder is not null)
            {
                StartPump();
            }
        }

        blocked?.Cancel();
    }

    /// <summary>Ends the decompression; completes when that is done.</summary>
    public async Task EndAsync()
    {
        Task pump;
        BlockInput? input;
        lock (store.Lock)
        {
            _mustClose = true;
            _demands.Fail(0, new FileSystemException(FileSystemFailure.Unavailable, "The program ends."));
            input = _decompression.Input;
            StartPump();
            pump = _pump;
        }

        input?.Cancel();
        await pump;
    }

    /// <summary>A part is gone. The store's lock is held.</summary>
    public void Remove(SpoolPart part)
    {
        _parts.Remove(part.Number);
    }

    /// <summary>A part was made. The store's lock is held.</summary>
    public void Add(SpoolPart part)
    {
        _parts.Add(part.Number, part);
    }

    private SpoolPart? Find(long offset)
    {
        var at = (int)(offset % PartLength);
        return _parts.TryGetValue((int)(offset / PartLength), out var part) && at >= part.From && at < part.To ? part : null;
    }

    // Reading on from here may want more than there is: then the decompression goes on as well.
    private SpoolPart? UsePart(long offset)
    {
        if (Find(offset) is not { } part)
        {
            return null;
        }

        part.Use();
        store.Touch(part);
        if (!_isPumping && Ahead() > 0)
        {
            StartPump();
        }

        return part;
    }

    private void StartPump()
    {
        if (!_isPumping)
        {
            _isPumping = true;
            _pump = Background.Run("decompression", store.Logger, PumpAsync);
        }
    }

    private async Task PumpAsync()
    {
        while (true)
        {
            Step step;
            long goal;
            lock (store.Lock)
            {
                step = NextStep(out goal);
                if (step == Step.None)
                {
                    _isPumping = false;
                    _mustRest = false;
                    break;
                }
            }

            try
            {
                await DoAsync(step, goal);
            }
            catch (Exception e)
            {
                await FailAsync(e);
            }
        }

        store.WatchIdle(this);
    }

    private Step NextStep(out long goal)
    {
        goal = 0;
        var decoder = _decompression.Decoder;
        if (_mustClose || (decoder is not null && decoder.Position == _end))
        {
            _mustClose = false;
            if (decoder is not null)
            {
                return Step.Close;
            }
        }

        if (_demands.Next(decoder?.Position ?? 0, decoder is null ? 0 : _decompression.StaysUntil) is { } wanted)
        {
            goal = wanted;
            return Step.Decode;
        }

        if (_mustRest)
        {
            _mustRest = false;
            return decoder is null ? Step.None : Step.Rest;
        }

        goal = Ahead();
        return goal > 0 ? Step.Decode : Step.None;
    }

    // Where the decompression is, when readers will soon want the bytes from there on; 0: they do not.
    private long Ahead()
    {
        if (_decompression.Decoder is not { } decoder || _fault is not null)
        {
            return 0;
        }

        var at = decoder.Position;
        foreach (var reader in _readers)
        {
            if (reader.Position <= at && at < Math.Min(reader.Position + ReadAhead, reader.End))
            {
                return at;
            }
        }

        return 0;
    }

    private async Task DoAsync(Step step, long goal)
    {
        switch (step)
        {
            case Step.Rest:
                await _decompression.RestAsync();
                break;
            case Step.Close:
                await _decompression.CloseAsync();
                break;
            default:
                await DecodeAsync(goal);
                break;
        }
    }

    private async Task DecodeAsync(long goal)
    {
        var decoder = await _decompression.GetAsync(goal, ClientOf());
        var part = await UsePartAtAsync(decoder.Position);
        try
        {
            await _decompression.RunAsync(() => Decode(decoder, part));
        }
        finally
        {
            store.EndUse(part);
        }
    }

    private async Task<SpoolPart> UsePartAtAsync(long position)
    {
        var number = checked((int)(position / PartLength));
        lock (store.Lock)
        {
            if (_parts.TryGetValue(number, out var part))
            {
                part.Use();
                return part;
            }
        }

        var length = (int)Math.Min(PartLength, (block.Length ?? long.MaxValue) - ((long)number * PartLength));
        return await store.MakePartAsync(this, number, length);
    }

    // On a thread for work that blocks.
    private void Decode(BlockDecoder decoder, SpoolPart part)
    {
        var start = (long)part.Number * PartLength;
        for (var done = 0; done < StepLength; )
        {
            var at = (int)(decoder.Position - start);
            if (at == part.Length)
            {
                return;
            }

            var chunk = decoder.Next(part.Length - at);
            if (chunk.IsEmpty)
            {
                lock (store.Lock)
                {
                    _end = decoder.Position;
                    _demands.Complete(IsThere);
                }

                return;
            }

            Write(part, at, chunk);
            done += chunk.Length;
            store.Decompressed(chunk.Length);
            _decompression.Passed(decoder);
            lock (store.Lock)
            {
                part.Written(at, chunk.Length);
                _demands.Complete(IsThere);
            }
        }
    }

    private static void Write(SpoolPart part, int at, ReadOnlyMemory<byte> chunk)
    {
        try
        {
            RandomAccess.Write(part.File, chunk.Span, at);
        }
        catch (IOException e)
        {
            throw new FileSystemException(FileSystemFailure.NoSpace, $"The spool for decompressed bytes cannot be written: {e.Message}", e);
        }
    }

    private async Task FailAsync(Exception error)
    {
        BlockInput? input;
        long at;
        lock (store.Lock)
        {
            input = _decompression.Input;
            at = _decompression.Position;
        }

        await _decompression.CloseAsync();
        if (input?.IsCancelled == true || _decompression.TakesMore(error))
        {
            return; // who has come since begins again
        }

        var below = input?.Failure ?? error as FileSystemException;
        lock (store.Lock)
        {
            if (below is null)
            {
                _fault = new FileSystemException(FileSystemFailure.Corrupt, Reason(error), error);
                _faultAt = at;
            }

            _demands.Fail(below is null ? at : 0, below ?? _fault!);
        }

        if (below is null)
        {
            store.Logger.UnpackingFailed(block.Name, Reason(error), error is ArchiveException ? null : error);
        }
    }

    private string Reason(Exception error)
    {
        var reason = error is ArchiveException ? error.Message : $"{block.Name} cannot be decompressed: {error.Message}";
        return block.IsEncrypted && error is not ArchiveException { Failure: not ArchiveFailure.Damaged }
            ? reason + " Or the password in archives.passwords that seemed to fit is not its own."
            : reason;
    }

    private bool IsThere(long offset)
    {
        return _end <= offset || Find(offset) is not null;
    }

    private string ClientOf()
    {
        lock (store.Lock)
        {
            return _readers.FirstOrDefault()?.Client ?? "archive";
        }
    }

    private sealed class PartUse(SpoolStore store, SpoolPart part) : IDisposable
    {
        private SpoolPart? _part = part;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _part, null) is { } part)
            {
                store.EndUse(part);
            }
        }
    }
}
