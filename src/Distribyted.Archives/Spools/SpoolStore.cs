using Distribyted.Archives.Formats;
using Distribyted.Archives.Options;
using Distribyted.FileSystem;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.Archives.Spools;

/// <summary>All spools: their space on disk, their threads, and how many decompress at once. Starts nothing before a packed entry is opened. Safe for use by many
/// threads.</summary>
/// <remarks>Space comes from an <see cref="IDiskBudget"/>, which may have others as well: what was used longest ago goes first, theirs or a part. Of parts, those of
/// blocks that nothing reads go before others, but never the part that a reader is in.</remarks>
internal sealed class SpoolStore : IAsyncDisposable
{
    private const int MaxDecoders = 16; // that exist at once in one level
    private const int MaxThreads = MaxDecoders;
    private const int MaxParts = 1024; // open files
    private const int MaxSpools = 4096; // in memory, without any part
    private const long MaxCheckpoints = 32 << 20; // bytes of memory

    private static readonly TimeSpan RestAfter = TimeSpan.FromSeconds(15); // players open a new connection to seek
    private static readonly TimeSpan CloseAfter = TimeSpan.FromMinutes(5);

    private readonly string _folder;
    private readonly IDiskBudget? _budget;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Gate[] _gates;

    private readonly Dictionary<string, Spool> _spools = new(StringComparer.Ordinal); // guarded by Lock, as all that follows
    private readonly LinkedList<SpoolPart> _order = new(); // used longest ago first
    private readonly Dictionary<Spool, (long Since, bool Rests)> _idle = [];
    private bool _isTimerSet;
    private bool _isEnding;
    private long _decompressed; // not under the lock

    public SpoolStore(ArchiveOptions options, IDiskBudget? budget, TimeProvider time, ILogger logger)
    {
        _folder = options.SpoolFolder;
        _budget = budget;
        _time = time;
        Logger = logger;
        Passwords = new PasswordSearch(options.Passwords, options.MaxRatio);
        _timer = Background.CreateTimer(time, "idle decompressions", logger, CloseIdle);
        budget?.Share(OldestUse, TryEvict);
        _gates = [.. Enumerable.Range(0, DecoderGate.Depths).Select(static level => new Gate(level))];
    }

    /// <summary>Whether there is a folder for spools.</summary>
    public bool IsOn => _folder.Length > 0;

    public Lock Lock { get; } = new();

    public ILogger Logger { get; }

    public PasswordSearch Passwords { get; }

    /// <summary>Bytes on disk, at most: parts that are not full count as if they were.</summary>
    public long Bytes
    {
        get
        {
            lock (Lock)
            {
                return _order.Sum(static part => (long)part.Length);
            }
        }
    }

    /// <summary>Bytes of memory that decompressions have now, and those that were released and not collected yet.</summary>
    public long Memory => _gates.Sum(static gate => gate.Decoders.Memory);

    /// <summary>Bytes that were decompressed since the start, those that were decompressed again as well.</summary>
    public long BytesDecompressed => Interlocked.Read(ref _decompressed);

    /// <summary>Threads that exist now.</summary>
    public int Threads => _gates.Sum(static gate => gate.Threads.Count);

    /// <summary>Opens a range of a block. The block begins to be decompressed with the first read.</summary>
    /// <param name="block">Made anew by each caller; the first of a key stays.</param>
    /// <param name="entry">What the range is for listings.</param>
    /// <param name="start">Where it begins, bytes from the start of the block.</param>
    /// <param name="intent">What will be read.</param>
    public SpoolReader Open(PackedBlock block, FileEntry entry, long start, ReadIntent intent)
    {
        lock (Lock)
        {
            if (!_spools.TryGetValue(block.Key, out var spool))
            {
                Forget();
                spool = new Spool(this, block);
                _spools.Add(block.Key, spool);
            }

            return new SpoolReader(spool, entry, start, intent);
        }
    }

    public WorkThreads ThreadsOf(int level)
    {
        return _gates[level].Threads;
    }

    /// <summary>Waits until one more decompression may exist and has its memory; ends those that rest for it.</summary>
    /// <exception cref="ArchiveException">It takes more memory than there ever is.</exception>
    public async Task TakeDecoderAsync(PackedBlock block, long memory)
    {
        var taking = _gates[block.Level].Decoders.TakeAsync(block.Name, memory, _stopping.Token);
        if (!taking.IsCompleted)
        {
            Idle(block.Level)?.Rest(close: true);
        }

        try
        {
            await taking;
        }
        catch (OperationCanceledException)
        {
            throw Ends();
        }
    }

    public void ReleaseDecoder(int level, long memory)
    {
        var gate = _gates[level].Decoders;
        gate.Release(memory);
        if (gate.IsWanted)
        {
            Idle(level)?.Rest(close: true); // one was not enough
        }
    }

    /// <summary>A decompression rests, or has no readers: it ends its demand after a while, and itself after a longer one.</summary>
    public void WatchIdle(Spool spool)
    {
        var isWanted = _gates[spool.Block.Level].Decoders.IsWanted;
        lock (Lock)
        {
            isWanted &= spool.IsIdle;
            if (!spool.HasReaders && !_isEnding)
            {
                _idle.TryAdd(spool, (_time.GetTimestamp(), false));
                if (!_isTimerSet)
                {
                    _isTimerSet = true;
                    _timer.Change(RestAfter, Timeout.InfiniteTimeSpan);
                }
            }
        }

        if (isWanted)
        {
            spool.Rest(close: true);
        }
    }

    /// <summary>It has a reader. The lock is held.</summary>
    public void EndIdle(Spool spool)
    {
        _idle.Remove(spool);
    }

    /// <summary>Makes a part that is in use, and space for it.</summary>
    /// <exception cref="FileSystemException">There is no space.</exception>
    public async Task<SpoolPart> MakePartAsync(Spool spool, int number, int length)
    {
        var reserved = await ReserveAsync(length);
        SpoolPart part;
        try
        {
            Directory.CreateDirectory(_folder);
            part = SpoolPart.Create(spool, number, length, Path.Combine(_folder, Guid.NewGuid().ToString("N")), reserved);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reserved.Dispose();
            throw new FileSystemException(FileSystemFailure.NoSpace, $"No spool for decompressed bytes can be made: {e.Message}", e);
        }

        lock (Lock)
        {
            part.Use();
            part.UsedAt = _time.GetTimestamp();
            spool.Add(part);
            _order.AddLast(part.Node);
        }

        return part;
    }

    /// <summary>Bytes were decompressed.</summary>
    public void Decompressed(int count)
    {
        Interlocked.Add(ref _decompressed, count);
    }

    /// <summary>Makes space for a checkpoint in memory: blocks that nothing reads forget theirs first, then all others. The lock is held.</summary>
    public void MakeSpaceForCheckpoint(int length)
    {
        var used = length + _spools.Values.Sum(static spool => spool.CheckpointLength);
        if (used <= MaxCheckpoints)
        {
            return;
        }

        foreach (var spool in _spools.Values.Where(static spool => spool.CheckpointLength > 0).OrderBy(static spool => spool.HasReaders))
        {
            used -= spool.CheckpointLength;
            spool.ClearCheckpoints();
            if (used <= MaxCheckpoints)
            {
                return;
            }
        }
    }

    /// <summary>The part was used. The lock is held.</summary>
    public void Touch(SpoolPart part)
    {
        if (part.Node.List is not null)
        {
            part.UsedAt = _time.GetTimestamp();
            _order.Remove(part.Node);
            _order.AddLast(part.Node);
        }
    }

    public void EndUse(SpoolPart part)
    {
        bool isFree;
        lock (Lock)
        {
            isFree = part.EndUse();
        }

        if (isFree)
        {
            part.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Spool[] spools;
        lock (Lock)
        {
            _isEnding = true;
            spools = [.. _spools.Values];
        }

        await _timer.DisposeAsync();
        await _stopping.CancelAsync();
        foreach (var spool in spools)
        {
            await spool.EndAsync();
        }

        while (TryEvict()) { }

        foreach (var gate in _gates)
        {
            await gate.Threads.EndAsync();
        }

        _stopping.Dispose();
    }

    private async Task<IDisposable> ReserveAsync(int length)
    {
        while (true)
        {
            int parts;
            lock (Lock)
            {
                parts = _isEnding ? throw Ends() : _order.Count;
            }

            if (parts < MaxParts && await TryReserveAsync(length) is { } reserved)
            {
                return reserved;
            }

            if (!TryEvict())
            {
                throw new FileSystemException(
                    FileSystemFailure.NoSpace,
                    "There is no space for decompressed bytes beside those that are being read; raise torrent.global_cache_size."
                );
            }
        }
    }

    private async ValueTask<IDisposable?> TryReserveAsync(int length)
    {
        return _budget is null ? Unlimited.Instance : await _budget.ReserveAsync(length, CancellationToken.None);
    }

    // When what goes next was used; MaxValue: nothing may go.
    private long OldestUse()
    {
        lock (Lock)
        {
            return Next()?.UsedAt ?? long.MaxValue;
        }
    }

    private bool TryEvict()
    {
        SpoolPart? victim;
        bool isFree;
        lock (Lock)
        {
            victim = Next();
            if (victim is null)
            {
                return false;
            }

            _order.Remove(victim.Node);
            victim.Spool.Remove(victim);
            isFree = victim.Evict();
        }

        if (isFree)
        {
            victim.Dispose();
        }

        return true;
    }

    // The one used longest ago that may go.
    private SpoolPart? Next()
    {
        SpoolPart? next = null;
        for (var node = _order.First; node is not null; node = node.Next)
        {
            var part = node.Value;
            if (!part.IsUsed && (_isEnding || !part.Spool.HasReaders))
            {
                return part;
            }

            next ??= !part.IsUsed && !part.Spool.IsRead(part.Number) ? part : null;
        }

        return next;
    }

    private Spool? Idle(int level)
    {
        lock (Lock)
        {
            return _spools
                .Values.Where(spool => spool.Block.Level == level && spool.IsIdle)
                .OrderBy(static spool => spool.HasReaders)
                .FirstOrDefault();
        }
    }

    private void CloseIdle()
    {
        var (toRest, toClose) = (new List<Spool>(), new List<Spool>());
        lock (Lock)
        {
            TimeSpan? next = null;
            foreach (var (spool, (since, rests)) in _idle.ToArray())
            {
                var age = _time.GetElapsedTime(since);
                if (age >= CloseAfter)
                {
                    _idle.Remove(spool);
                    toClose.Add(spool);
                    continue;
                }

                if (age >= RestAfter && !rests)
                {
                    toRest.Add(spool);
                    _idle[spool] = (since, true);
                }

                var due = (age >= RestAfter ? CloseAfter : RestAfter) - age;
                next = next < due ? next : due;
            }

            _isTimerSet = next is not null && !_isEnding;
            if (_isTimerSet)
            {
                _timer.Change(next!.Value, Timeout.InfiniteTimeSpan);
            }
        }

        toRest.ForEach(static spool => spool.Rest(close: false));
        toClose.ForEach(static spool => spool.Rest(close: true));
    }

    private void Forget()
    {
        if (_spools.Count < MaxSpools)
        {
            return;
        }

        foreach (var (key, spool) in _spools.Where(static s => s.Value.IsForgettable).ToArray())
        {
            _spools.Remove(key);
            _idle.Remove(spool);
        }
    }

    private static FileSystemException Ends()
    {
        return new FileSystemException(FileSystemFailure.Unavailable, "The program ends.");
    }

    /// <summary>What limits the decompressions of one level.</summary>
    private sealed class Gate(int level)
    {
        public DecoderGate Decoders { get; } = new(level, MaxDecoders);

        public WorkThreads Threads { get; } = new($"decompression {level}", MaxThreads);
    }

    private sealed class Unlimited : IDisposable
    {
        public static Unlimited Instance { get; } = new();

        public void Dispose() { }
    }
}
