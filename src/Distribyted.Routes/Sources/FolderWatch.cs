using Distribyted.Routes.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sources;

/// <summary>Says when something below a folder may have changed. It watches; where watching cannot be relied on (network drives, a folder
/// that is not there, no more watches to be had) it looks every 30 s.</summary>
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
    private FileSystemWatcher? _watcher; // the owner's loop
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
        _watcher?.Dispose();
        _changed.Dispose();
    }

    /// <summary>Begins to watch if that is possible now. Called before each look, so that nothing falls between the look and the watch.</summary>
    internal void Ensure()
    {
        if (_watcher is not null || !Directory.Exists(_folder))
        {
            return;
        }

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
            watcher.Error += (_, _) => Signal(); // too many changes at once: the look that follows sees them all
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

        if (_watcher is not null && !lookAgain && !IsRemote())
        {
            await _changed.WaitAsync(cancellationToken);
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var change = _changed.WaitAsync(either.Token);
        await Task.WhenAny(change, Task.Delay(LookEvery, _time, either.Token));
        await either.CancelAsync();
        try
        {
            await change;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // No change, but time to look.
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
}
