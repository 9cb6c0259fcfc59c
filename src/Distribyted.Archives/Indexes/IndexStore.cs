using System.Security.Cryptography;
using System.Text;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Telemetry;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.Archives.Indexes;

/// <summary>Lists of entries on disk, one file for each archive: a second listing reads nothing of the archive, also after a restart. Bounded; what was used longest
/// ago goes. A file that is torn, or cannot be read, counts as missing.</summary>
/// <param name="folder">Made when the first list is kept; empty: nothing is kept.</param>
/// <param name="maxBytes">Bytes of all files together.</param>
/// <param name="time">When a file was used.</param>
/// <param name="logger">Where it says what it cannot write.</param>
internal sealed class IndexStore(string folder, long maxBytes, TimeProvider time, ILogger logger) : IDisposable
{
    private const string Ending = ".index";

    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>Null: not kept.</summary>
    public async ValueTask<ArchiveContent?> FindAsync(string tag, CancellationToken cancellationToken)
    {
        if (folder.Length == 0)
        {
            return null;
        }

        var path = PathOf(tag);
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            if (IndexFile.Read(tag, await File.ReadAllBytesAsync(path, cancellationToken)) is not { } read)
            {
                return null;
            }

            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
            return ArchiveContent.Build(read.Format, read.Index);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            logger.IndexNotRead(path, e.Message);
            return null;
        }
    }

    /// <summary>Keeps a list. When that fails it is only said in the log.</summary>
    public async Task KeepAsync(string tag, IArchiveFormat format, ArchiveIndex index)
    {
        if (folder.Length == 0)
        {
            return;
        }

        var bytes = IndexFile.Write(tag, format, index);
        await _writing.WaitAsync();
        try
        {
            Directory.CreateDirectory(folder);
            Trim(bytes.Length);
            DurableFile.Replace(PathOf(tag), stream => stream.Write(bytes), isPrivate: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.IndexNotKept(folder, e.Message);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose()
    {
        _writing.Dispose();
    }

    private void Trim(long coming)
    {
        var files = new DirectoryInfo(folder).GetFiles();
        var bytes = files.Sum(static file => file.Length) + coming;
        foreach (var file in files.OrderBy(static file => file.LastWriteTimeUtc))
        {
            if (bytes <= maxBytes)
            {
                return;
            }

            bytes -= file.Length;
            file.Delete();
        }
    }

    private string PathOf(string tag)
    {
        return Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tag)).AsSpan(0, 16)) + Ending);
    }
}
