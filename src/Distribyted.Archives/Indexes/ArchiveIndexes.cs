using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Tar;
using Distribyted.Archives.Options;
using Distribyted.Archives.Spools;
using Distribyted.Archives.Telemetry;
using Distribyted.Archives.Volumes;
using Distribyted.FileSystem;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.Archives.Indexes;

/// <summary>Knows what is in archives: from memory, from disk, or by reading the archive in the background once it was asked for. Safe for use by many threads.</summary>
/// <remarks>A few archives are read at a time; one that a client waits for does not queue. What failed is not tried again before a while.</remarks>
internal sealed class ArchiveIndexes : IAsyncDisposable
{
    private const int Slots = 4;
    private const int MaxKeptEntries = 200_000; // about 300 bytes each
    private const long MaxKeptBytes = 64 << 20; // on disk
    private const long MaxHeaderBytes = 64 << 20;
    private const int MaxTroubles = 1000;
    private const string Client = "archive index";
    private const string Pending = "The list of what is in this archive is pending: it is being fetched.";

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly ArchiveLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SpoolStore _spools;
    private readonly IndexCache _cache = new(MaxKeptEntries);
    private readonly IndexStore _store;
    private readonly SemaphoreSlim _slots = new(Slots, Slots);
    private readonly CancellationTokenSource _stopping = new();

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Fetch> _fetches = new(StringComparer.Ordinal); // guarded by _lock
    private readonly Dictionary<string, Trouble> _troubles = new(StringComparer.Ordinal); // guarded by _lock

    public ArchiveIndexes(ArchiveOptions options, SpoolStore spools, TimeProvider time, ILogger logger)
    {
        _spools = spools;
        _limits = new ArchiveLimits(options.MaxEntries, MaxHeaderBytes, options.Passwords);
        _time = time;
        _logger = logger;
        _store = new IndexStore(options.IndexFolder, MaxKeptBytes, time, logger);
    }

    /// <summary>What is known now; never waits for the archive. What is not known is fetched from now on.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="level">How deep it lies in others, from 0.</param>
    /// <param name="cancellationToken">Ends the look-up, and nothing else.</param>
    public async ValueTask<IndexLookup> LookAsync(ArchiveFile archive, int level, CancellationToken cancellationToken)
    {
        if (await FindAsync(archive.Tag, cancellationToken) is { } content)
        {
            return new IndexLookup(content, content.Note);
        }

        if (TroubleOf(archive.Tag) is { } trouble)
        {
            var mayCome = trouble.Failure == FileSystemFailure.Unavailable;
            return new IndexLookup(null, $"What is in this archive cannot be shown: {trouble.Reason}", mayCome);
        }

        Start(archive, level);
        return new IndexLookup(null, Pending, MayCome: true);
    }

    /// <summary>What is in the archive; waits until it is known.</summary>
    /// <exception cref="FileSystemException">It cannot be known: the message says why.</exception>
    public async ValueTask<ArchiveContent> WaitAsync(ArchiveFile archive, int level, CancellationToken cancellationToken)
    {
        if (await FindAsync(archive.Tag, cancellationToken) is { } content)
        {
            return content;
        }

        if (TroubleOf(archive.Tag) is { } trouble)
        {
            throw trouble.ToException(archive.Entry.Name);
        }

        var fetch = Start(archive, level);
        fetch.Hurry();
        return await fetch.Content.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task[] running;
        lock (_lock)
        {
            running = [.. _fetches.Values.Select(static fetch => fetch.Done)];
        }

        await Task.WhenAll(running);
        _store.Dispose();
        _stopping.Dispose();
        _slots.Dispose();
    }

    private async ValueTask<ArchiveContent?> FindAsync(string tag, CancellationToken cancellationToken)
    {
        if (_cache.Find(tag) is { } kept)
        {
            return kept;
        }

        lock (_lock)
        {
            if (_fetches.ContainsKey(tag))
            {
                return null;
            }
        }

        var stored = await _store.FindAsync(tag, cancellationToken);
        if (stored is not null)
        {
            _cache.Keep(tag, stored);
        }

        return stored;
    }

    private Trouble? TroubleOf(string tag)
    {
        lock (_lock)
        {
            return _troubles.TryGetValue(tag, out var trouble) && _time.GetElapsedTime(trouble.At) < trouble.Wait ? trouble : null;
        }
    }

    private Fetch Start(ArchiveFile archive, int level)
    {
        lock (_lock)
        {
            if (!_fetches.TryGetValue(archive.Tag, out var fetch))
            {
                fetch = new Fetch();
                _fetches.Add(archive.Tag, fetch);
                fetch.Done = Background.Run("list of entries of an archive", _logger, () => RunAsync(archive, level, fetch));
            }

            return fetch;
        }
    }

    private async Task RunAsync(ArchiveFile archive, int level, Fetch fetch)
    {
        FileSystemException failure;
        try
        {
            var hasSlot = await fetch.TakeSlotAsync(_slots, _stopping.Token);
            try
            {
                var content = await ReadAsync(archive, level);
                _cache.Keep(archive.Tag, content);
                fetch.Succeed(content);
                await _store.KeepAsync(archive.Tag, content.Format, content.Index);
                End(archive.Tag, fetch, null);
                return;
            }
            finally
            {
                if (hasSlot)
                {
                    _slots.Release();
                }
            }
        }
        catch (ArchiveException e)
        {
            var wait = e.Failure == ArchiveFailure.VolumeMissing ? FirstWait : LongestWait;
            failure = Remember(archive, fetch, FileSystemFailure.Corrupt, e.Message, wait);
        }
        catch (FileSystemException e) when (e.Failure == FileSystemFailure.Removed)
        {
            End(archive.Tag, fetch, null);
            failure = e;
        }
        catch (FileSystemException e)
        {
            failure = Remember(archive, fetch, e.Failure, e.Message, null);
        }
        catch (OperationCanceledException)
        {
            End(archive.Tag, fetch, null);
            failure = new FileSystemException(FileSystemFailure.Unavailable, "The program ends.");
        }
        catch (Exception e)
        {
            _logger.IndexBroken(archive.Entry.Name, e);
            failure = Remember(archive, fetch, FileSystemFailure.Corrupt, "Its headers cannot be understood.", LongestWait);
        }

        fetch.Fail(failure);
    }

    private async Task<ArchiveContent> ReadAsync(ArchiveFile archive, int level)
    {
        if (archive.Missing is { } missing)
        {
            throw new ArchiveException(ArchiveFailure.VolumeMissing, $"The volume \"{missing}\" is missing.");
        }

        await using var source = new ArchiveSource(archive, Client);
        await source.ExpectAsync(_stopping.Token);
        var format =
            await FindFormatAsync(source, 0)
            ?? throw new ArchiveException(ArchiveFailure.NotSupported, "It does not begin like an archive of a kind that is read here.");
        // Volumes of RAR each begin like one.
        if (archive is { MayBePieces: true, Volumes.Count: > 1 } && (await FindFormatAsync(source, 1))?.Name != format.Name)
        {
            format = new JoinedFormat(format);
        }

        var index = (format is JoinedFormat joined ? joined.Whole : format) is PackedTarFormat tar
            ? await ReadPackedAsync(archive, tar, format is JoinedFormat, level)
            : await format.ReadIndexAsync(source, _limits, _stopping.Token);
        _logger.IndexRead(archive.Entry.Name, index.Entries.Length, format.Name);
        return ArchiveContent.Build(format, index);
    }

    private async Task<ArchiveIndex> ReadPackedAsync(ArchiveFile archive, PackedTarFormat format, bool areVolumesJoined, int level)
    {
        if (!_spools.IsOn)
        {
            throw new ArchiveException(ArchiveFailure.NotSupported, "It is compressed, and there is no folder to decompress it in.");
        }

        var block = WholeBlocks.Of(archive, format, areVolumesJoined, level);
        await using var source = new SpoolSource(_spools, block, archive.Entry, Client);
        return await format.ReadIndexAsync(source, _limits, _stopping.Token);
    }

    private async ValueTask<IArchiveFormat?> FindFormatAsync(ArchiveSource source, int volume)
    {
        var head = new byte[(int)Math.Min(ArchiveFormats.HeadBytes, source.LengthOf(volume))];
        await source.ReadAsync(volume, 0, head, _stopping.Token);
        return ArchiveFormats.Find(head);
    }

    private FileSystemException Remember(ArchiveFile archive, Fetch fetch, FileSystemFailure failure, string reason, TimeSpan? wait)
    {
        Trouble trouble;
        lock (_lock)
        {
            var former = _troubles.GetValueOrDefault(archive.Tag);
            var next = former is null || former.Wait * 2 > LongestWait ? FirstWait : former.Wait * 2;
            trouble = new Trouble(failure, reason, wait ?? next, _time.GetTimestamp());
        }

        _logger.IndexFailed(archive.Entry.Name, reason, trouble.Wait);
        End(archive.Tag, fetch, trouble);
        return trouble.ToException(archive.Entry.Name);
    }

    private void End(string tag, Fetch fetch, Trouble? trouble)
    {
        lock (_lock)
        {
            _troubles.Remove(tag);
            if (trouble is not null)
            {
                if (_troubles.Count >= MaxTroubles)
                {
                    _troubles.Remove(_troubles.MinBy(static t => t.Value.At).Key);
                }

                _troubles.Add(tag, trouble);
            }

            if (_fetches.TryGetValue(tag, out var own) && own == fetch)
            {
                _fetches.Remove(tag);
            }
        }
    }

    /// <summary>Why an archive could not be read, and for how long that is believed.</summary>
    private sealed record Trouble(FileSystemFailure Failure, string Reason, TimeSpan Wait, long At)
    {
        public FileSystemException ToException(string name)
        {
            return new FileSystemException(Failure, $"What is in \"{name}\" cannot be read: {Reason}");
        }
    }

    /// <summary>An archive whose list of entries is being read.</summary>
    private sealed class Fetch
    {
        private readonly TaskCompletionSource<ArchiveContent> _content = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _isUrgent = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<ArchiveContent> Content => _content.Task;

        public Task Done { get; set; } = Task.CompletedTask;

        public void Hurry()
        {
            _isUrgent.TrySetResult();
        }

        public void Succeed(ArchiveContent content)
        {
            _content.TrySetResult(content);
        }

        public void Fail(FileSystemException failure)
        {
            _content.TrySetException(failure);
            _ = _content.Task.Exception; // seen: it may be that no client waits
        }

        /// <summary>Waits for a slot; false: it went on without one, because a client waits.</summary>
        public async Task<bool> TakeSlotAsync(SemaphoreSlim slots, CancellationToken cancellationToken)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var slot = slots.WaitAsync(ending.Token);
            await Task.WhenAny(slot, _isUrgent.Task);
            await ending.CancelAsync();
            try
            {
                await slot;
                return true;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }
    }
}
