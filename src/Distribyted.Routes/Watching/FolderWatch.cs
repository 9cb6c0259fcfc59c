using Distribyted.Platform;
using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Watching;

/// <summary>Says when something below a folder may have changed. It watches; where watching cannot be relied on (<see cref="RemoteFileSystems"/>, a folder
/// that is not there, one that may not be read in part, no more watches to be had) it looks every 30 s. Every 30 s, too, it makes sure that the
/// folder is still on the disk that is watched.</summary>
internal sealed class FolderWatch : IDisposable
{
    internal static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly bool _recursive;
    private readonly Func<string, bool> _matters;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly Lock _lock = new();
    private FileSystemWatcher? _watcher; // of the owner's loop, like the next two
    private FileSystemWatcher? _parent;
    private Disk _watched;
    private volatile bool _isBroken; // nothing is heard any more: watch anew
    private volatile bool _isPartial; // not all of it is heard: look as well
    private string? _warned; // the owner's loop and the watcher's thread: one message more or less is no harm
    private bool _isDisposed; // guarded by _lock

    /// <param name="folder">What is watched.</param>
    /// <param name="recursive">With everything below.</param>
    /// <param name="time">For the looks.</param>
    /// <param name="logger">Where it is logged that the folder cannot be watched.</param>
    /// <param name="matters">Whether it matters that the file of this name is written to; null: always. New, deleted and renamed ones always do.</param>
    internal FolderWatch(string folder, bool recursive, TimeProvider time, ILogger logger, Func<string, bool>? matters = null)
    {
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        _recursive = recursive;
        _matters = matters ?? (static _ => true);
        _time = time;
        _logger = logger;
    }

    public void Dispose()
    {
        _parent?.Dispose();
        _watcher?.Dispose();
        lock (_lock)
        {
            _isDisposed = true; // the system may still tell of a change that came before
            _changed.Dispose();
        }
    }

    /// <summary>Begins to watch if that is possible now. Called before each look, so that nothing falls between the look and the watch.</summary>
    internal void Ensure()
    {
        if (_isBroken || _isPartial)
        {
            _watcher?.Dispose();
            _watcher = null;
        }

        if (_watcher is not null || !Directory.Exists(_folder))
        {
            _warned = null;
            return;
        }

        WatchParent();

        try
        {
            var watcher = new FileSystemWatcher(_folder)
            {
                IncludeSubdirectories = _recursive,
                InternalBufferSize = 64 * 1024, // the largest that works everywhere
                NotifyFilter =
                    NotifyFilters.FileName
                    | NotifyFilters.DirectoryName
                    | NotifyFilters.LastWrite
                    | NotifyFilters.Size
                    | NotifyFilters.CreationTime,
            };
            watcher.Created += (_, _) => Signal();
            watcher.Changed += (_, e) => SignalIf(_matters(e.Name ?? ""));
            watcher.Deleted += (_, _) => Signal();
            watcher.Renamed += (_, _) => Signal();
            watcher.Error += (_, e) => Failed(watcher, e.GetException());
            _isBroken = false;
            _isPartial = false;
            _watched = Disk.Of(_folder);
            _watcher = watcher; // before it is told of errors
            watcher.EnableRaisingEvents = true;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            _watcher?.Dispose();
            _watcher = null;
            Warn(e);
        }
    }

    /// <summary>Waits for a change; at most 30 s where watching is not enough or <paramref name="lookAgain"/> says so.</summary>
    internal async Task WaitAsync(bool lookAgain, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_folder))
        {
            _watcher?.Dispose(); // a watch on a folder that went does not come back with it
            _watcher = null;
        }

        while (!await IsChangedAsync(cancellationToken) && !lookAgain && _watcher is not null && !_isPartial && !IsRemote())
        {
            if (Disk.Of(_folder) != _watched)
            {
                _isBroken = true; // a disk was mounted over it: nothing would be heard of that
                return;
            }
        }
    }

    // False: not within 30 s.
    private async Task<bool> IsChangedAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var change = _changed.WaitAsync(either.Token);
        await Task.WhenAny(change, Task.Delay(LookEvery, _time, either.Token));
        await either.CancelAsync();
        try
        {
            await change;
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Waits until nothing has changed for a time, but not longer than <paramref name="longest"/>: some folders are never quiet.</summary>
    /// <returns>Whether it became quiet.</returns>
    internal async Task<bool> WaitUntilQuietAsync(TimeSpan quiet, TimeSpan longest, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        for (var left = longest; left > TimeSpan.Zero; left = longest - _time.GetElapsedTime(began))
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var change = _changed.WaitAsync(either.Token);
            var first = await Task.WhenAny(change, Task.Delay(quiet < left ? quiet : left, _time, either.Token));
            await either.CancelAsync();
            if (first == change)
            {
                await change;
                continue;
            }

            try
            {
                await change;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return quiet < left;
            }
        }

        return false;
    }

    /// <summary>A folder that is moved away or deleted takes the watch with it; the one that comes in its place is not watched.</summary>
    private void WatchParent()
    {
        if (_parent is not null || Path.GetDirectoryName(_folder) is not { } parent)
        {
            return;
        }

        try
        {
            var name = Path.GetFileName(_folder);
            var watcher = new FileSystemWatcher(parent) { NotifyFilter = NotifyFilters.DirectoryName };
            watcher.Created += (_, e) => BrokenIf(e.Name == name);
            watcher.Deleted += (_, e) => BrokenIf(e.Name == name);
            watcher.Renamed += (_, e) => BrokenIf(e.Name == name || e.OldName == name);
            watcher.EnableRaisingEvents = true;
            _parent = watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // It may not be read: what is done to the folder itself is then seen at the next start only.
        }
    }

    private void BrokenIf(bool isAboutUs)
    {
        if (isAboutUs)
        {
            Broken();
        }
    }

    /// <summary>The system gave up all of the watch, or a part of it. Only the first is a reason to look at once; a folder that may not be
    /// watched, or used-up watches, will be so the next time, too.</summary>
    private void Failed(FileSystemWatcher watcher, Exception reason)
    {
        if (reason is InternalBufferOverflowException)
        {
            Broken(); // too many changes at once: the look that follows sees them all
        }
        else if (ReferenceEquals(watcher, _watcher))
        {
            _isPartial = true;
            Warn(reason);
        }
    }

    private void Warn(Exception reason)
    {
        if (_warned is null)
        {
            _warned = reason.Message;
            _logger.NotWatched(_folder, reason.Message, LookEvery);
        }
    }

    private void SignalIf(bool matters)
    {
        if (matters)
        {
            Signal();
        }
    }

    private void Broken()
    {
        _isBroken = true;
        Signal();
    }

    internal void Signal()
    {
        lock (_lock)
        {
            if (!_isDisposed && _changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    private bool IsRemote()
    {
        try
        {
            var drive = DiskSpace.DriveOf(_folder);
            return drive.DriveType == DriveType.Network || RemoteFileSystems.Contains(drive.DriveFormat);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return true; // not known: look
        }
    }

    /// <summary>What tells one disk from another that is mounted at the same place.</summary>
    private readonly record struct Disk(string Format, long Size)
    {
        public static Disk Of(string folder)
        {
            try
            {
                var drive = DiskSpace.DriveOf(folder);
                return new Disk(drive.DriveFormat, drive.TotalSize);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return default;
            }
        }
    }
}
