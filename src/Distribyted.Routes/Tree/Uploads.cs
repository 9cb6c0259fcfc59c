using System.Security.Cryptography;
using Distribyted.FileSystem;
using Distribyted.Platform;
using Distribyted.Routes.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Routes.Tree;

/// <summary>Small files that clients put into routes and expect to find again: empty placeholders, desktop files, uploads under another name, and
/// what was just uploaded. In memory and bounded: 1,000 names, 64 MiB in all; each goes 60 s after it was last touched.</summary>
internal sealed class Uploads : IDisposable
{
    /// <summary>Bytes that are kept of a file that is not a torrent.</summary>
    internal const int MaxSmallFile = 64 * 1024;

    private const int MaxNames = 1000;
    private const long MaxBytes = 64L << 20;
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _sweep; // armed only while something is kept

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Kept> _files = new(StringComparer.Ordinal); // guarded by _lock
    private readonly Dictionary<string, TimeSpan> _refused = new(StringComparer.Ordinal); // guarded by _lock
    private long _bytes; // guarded by _lock

    internal Uploads(TimeProvider time, ILogger? logger = null)
    {
        _time = time;
        _start = time.GetTimestamp();
        _sweep = Background.CreateTimer(time, "sweep of uploads", logger ?? NullLogger.Instance, Sweep);
    }

    // Monotonic: changing the system time does not lengthen the 60 s.
    private TimeSpan Now => _time.GetElapsedTime(_start);

    public void Dispose()
    {
        _sweep.Dispose();
    }

    /// <summary>Finds a file and keeps it 60 s more.</summary>
    internal UploadedFile? Find(VirtualPath path)
    {
        lock (_lock)
        {
            if (!_files.TryGetValue(KeyOf(path), out var kept) || IsOver(kept.Touched))
            {
                return null;
            }

            kept.Touched = Now;
            return kept.File;
        }
    }

    /// <summary>Files of a folder that listings show: all but desktop files.</summary>
    internal IReadOnlyList<UploadedFile> ListedIn(VirtualPath folder)
    {
        lock (_lock)
        {
            if (_files.Count == 0)
            {
                return [];
            }

            var key = KeyOf(folder);
            return
            [
                .. _files
                    .Values.Where(k => !k.File.IsDesktopFile && k.Folder.Equals(key, StringComparison.Ordinal) && !IsOver(k.Touched))
                    .Select(k => k.File),
            ];
        }
    }

    /// <summary>Keeps a file. A full store drops what was touched longest ago.</summary>
    internal void Put(VirtualPath path, byte[] content, bool isDesktopFile)
    {
        var now = WholeSeconds.Now(_time);
        var tag = "u-" + Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16));
        lock (_lock)
        {
            var former = Detach(path);
            var created = former?.Entry.Created ?? now;
            var file = new UploadedFile(
                new FileEntry(path.Name, false, content.Length, created, now, tag),
                content,
                isDesktopFile,
                former?.Properties ?? []
            );
            while (_files.Count >= MaxNames || (_bytes + content.Length > MaxBytes && _files.Count > 0))
            {
                Drop(_files.MinBy(f => f.Value.Touched).Key);
            }

            _files.Add(KeyOf(path), new Kept(file, KeyOf(path.Parent)) { Touched = Now });
            _bytes += content.Length;
        }

        _sweep.Change(Life + TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Drops a file; false when there is none.</summary>
    internal bool Remove(VirtualPath path)
    {
        lock (_lock)
        {
            return Detach(path) is not null;
        }
    }

    /// <summary>Drops everything below a folder.</summary>
    internal void RemoveIn(VirtualPath folder)
    {
        var prefix = KeyOf(folder) + "/";
        lock (_lock)
        {
            foreach (var key in _files.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).ToList())
            {
                Drop(key);
            }
        }
    }

    internal void SetProperties(VirtualPath path, IReadOnlyList<DeadProperty> properties)
    {
        lock (_lock)
        {
            if (_files.TryGetValue(KeyOf(path), out var kept))
            {
                kept.File = kept.File with { Properties = properties };
                kept.Touched = Now;
            }
        }
    }

    /// <summary>Remembers for 60 s that a PUT to this path was refused: rclone deletes what it failed to write.</summary>
    internal void NoteRefusal(VirtualPath path)
    {
        lock (_lock)
        {
            if (_refused.Count >= MaxNames)
            {
                _refused.Remove(_refused.MinBy(r => r.Value).Key);
            }

            _refused[KeyOf(path)] = Now;
        }

        _sweep.Change(Life + TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether a PUT to this path was refused a moment ago.</summary>
    internal bool WasRefused(VirtualPath path)
    {
        lock (_lock)
        {
            return _refused.TryGetValue(KeyOf(path), out var at) && !IsOver(at);
        }
    }

    private static string KeyOf(VirtualPath path)
    {
        return NameIndex.Normalized(path.Value);
    }

    private bool IsOver(TimeSpan touched)
    {
        return Now - touched >= Life;
    }

    private UploadedFile? Detach(VirtualPath path)
    {
        var key = KeyOf(path);
        if (!_files.TryGetValue(key, out var kept))
        {
            return null;
        }

        Drop(key);
        return IsOver(kept.Touched) ? null : kept.File;
    }

    private void Drop(string key)
    {
        if (_files.Remove(key, out var gone))
        {
            _bytes -= gone.File.Content.Length;
        }
    }

    private void Sweep()
    {
        bool more;
        lock (_lock)
        {
            foreach (var key in _files.Where(f => IsOver(f.Value.Touched)).Select(f => f.Key).ToList())
            {
                Drop(key);
            }

            foreach (var key in _refused.Where(r => IsOver(r.Value)).Select(r => r.Key).ToList())
            {
                _refused.Remove(key);
            }

            more = _files.Count + _refused.Count > 0;
        }

        if (more)
        {
            _sweep.Change(Life + TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Kept(UploadedFile file, string folder)
    {
        internal UploadedFile File { get; set; } = file;

        internal string Folder { get; } = folder;

        internal TimeSpan Touched { get; set; }
    }
}
