using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sources;

/// <summary>Says when something below a folder may have changed. It watches; where watching cannot be relied on (network drives, a folder
/// that is not there, no more watches to be had) it looks every 30 s. Every 30 s, too, it makes sure that the folder is still on the disk that is watched.</summary>
internal sealed class FolderWatch : IDisposable
{
    internal static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private static readonly string[] RemoteFormats =
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "fuse.sshfs",
        "fuse.rclone",
        "9p",
        "afs",
        "davfs",
    ];

    private readonly string _folder;
    private readonly bool _recursive;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly Lock _lock = new();
    private FileSystemWatcher? _watcher; // the owner's loop, like the next two
    private FileSystemWatcher? _parent;
    private Disk _watched;
    private volatile bool _isBroken;
    private string? _warned;

    internal FolderWatch(string folder, bool recursive, TimeProvider time, ILogger logger)
    {
        _folder = Path.GetFullPath(folder);
        _recursive = recursive;
        _time = time;
        _logger = logger;
    }

    public void Dispose()
    {
        _parent?.Dispose();
        _watcher?.Dispose();
        _changed.Dispose();
    }

    /// <summary>Begins to watch if that is possible now. Called before each look, so that nothing falls between the look and the watch.</summary>
    internal void Ensure()
    {
        if (_isBroken)
        {
            _watcher?.Dispose();
            _watcher = null;
        }

        if (_watcher is not null || !Directory.Exists(_folder))
        {
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
            watcher.Changed += (_, _) => Signal();
            watcher.Deleted += (_, _) => Signal();
            watcher.Renamed += (_, _) => Signal();
            watcher.Error += (_, _) => Broken(); // too many changes at once, or no watch any more: the look that follows sees them all
            _isBroken = false;
            _watched = Disk.Of(_folder);
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
            _warned = null;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            if (_warned is null)
            {
                _warned = e.Message;
                _logger.NotWatched(_folder, e.Message, LookEvery);
            }
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

        while (!await IsChangedAsync(cancellationToken) && !lookAgain && _watcher is not null && !IsRemote())
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

    /// <summary>Waits until nothing has changed for so long.</summary>
    internal async Task SettleAsync(TimeSpan quiet, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var change = _changed.WaitAsync(either.Token);
            var first = await Task.WhenAny(change, Task.Delay(quiet, _time, either.Token));
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
                return;
            }
        }
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
            // Not ours to read: what is done to the folder itself is then seen at the next start only.
        }
    }

    private void BrokenIf(bool isAboutUs)
    {
        if (isAboutUs)
        {
            Broken();
        }
    }

    private void Broken()
    {
        _isBroken = true;
        Signal();
    }

    private void Signal()
    {
        lock (_lock)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    private bool IsRemote()
    {
        try
        {
            var drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(_folder)! : _folder);
            return drive.DriveType == DriveType.Network || RemoteFormats.Contains(drive.DriveFormat, StringComparer.OrdinalIgnoreCase);
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
                var drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder);
                return new Disk(drive.DriveFormat, drive.TotalSize);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return default;
            }
        }
    }
}
