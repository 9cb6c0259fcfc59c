using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Distribyted.Logging;

/// <summary><c>distribyted.log</c>: lines are appended to the file that has this name now, whatever logrotate or a person did to it, and it is renamed
/// when it is full. Errors cost lines, never more. Thread-safe.</summary>
internal sealed class LogFile : IDisposable
{
    private const string Name = "distribyted.log";
    private const string All = "distribyted*.log";

    private readonly Lock _lock = new(); // guards the two below
    private SafeFileHandle? _file;
    private bool _disposed;

    private readonly LogOptions _options;
    private readonly TimeProvider _time;
    private readonly string _path;

    public LogFile(LogOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _path = Path.Combine(options.Folder, Name);
    }

    /// <summary>The newest of all files of a folder; null: there is none.</summary>
    public static FileInfo? Newest(string folder)
    {
        return Oldest(folder).LastOrDefault();
    }

    /// <summary>Writes a line, which has no end of its own.</summary>
    public void Append(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            try
            {
                var (file, length) = Current();
                if (length > 0 && length + bytes.Length > _options.MaxSize)
                {
                    Roll();
                    (file, length) = Current();
                }

                RandomAccess.Write(file, bytes, length);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                Close(); // a full disk, say; the next line tries again
            }
        }
    }

    /// <summary>The next line goes to the file that has the name then: SIGHUP.</summary>
    public void Reopen()
    {
        lock (_lock)
        {
            Close();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            Close();
        }
    }

    // Oldest first.
    private static IEnumerable<FileInfo> Oldest(string folder)
    {
        return new DirectoryInfo(folder).EnumerateFiles(All).OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal);
    }

    // The end of the file as it is now: one that was truncated in place (copytruncate) goes on at its new end and not behind a hole. One that was renamed
    // or removed is found by its length, since only we write to ours.
    private (SafeFileHandle File, long Length) Current()
    {
        if (_file is not null)
        {
            var length = RandomAccess.GetLength(_file);
            var named = new FileInfo(_path);
            if (named.Exists && named.Length == length)
            {
                return (_file, length);
            }

            Close();
        }

        Directory.CreateDirectory(_options.Folder);
        _file = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        return (_file, RandomAccess.GetLength(_file));
    }

    private void Roll()
    {
        Close();
        var now = _time.GetUtcNow();
        var name = $"distribyted-{now.ToString("yyyyMMdd'T'HHmmss.fffffff", CultureInfo.InvariantCulture)}.log";
        File.Move(_path, Path.Combine(_options.Folder, name), overwrite: true);
        var old = Oldest(_options.Folder).Where(f => f.Name != Name).Reverse().ToArray();
        var most = _options.MaxBackups == 0 ? old.Length : _options.MaxBackups;
        var since = _options.MaxAge == 0 ? DateTime.MinValue : now.UtcDateTime - TimeSpan.FromDays(_options.MaxAge);
        foreach (var file in old.Where((f, i) => i >= most || f.LastWriteTimeUtc < since))
        {
            file.Delete();
        }
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }
}
