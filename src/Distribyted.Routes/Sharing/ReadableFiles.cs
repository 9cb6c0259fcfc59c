using Distribyted.Routes.Telemetry;
using Distribyted.Routes.Watching;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Sharing;

/// <summary>The files of a shared folder that can be offered. What cannot be read is left out, logged once, and tried again at the next scan.
/// Not thread-safe.</summary>
internal sealed class ReadableFiles(string folder, string server, ILogger logger)
{
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal); // logged already
    private readonly HashSet<string> _closed = new(StringComparer.Ordinal); // files that may not be opened

    /// <summary>Whether the last scan left something out. It may become readable without a change that the system reports.</summary>
    internal bool HasLeftOut => _leftOut.Count > 0;

    /// <summary>The files that can be offered now, in torrent order.</summary>
    /// <exception cref="IOException">The folder cannot be read, or nothing of it.</exception>
    internal async Task<IReadOnlyList<SharedFile>> ScanAsync(CancellationToken cancellationToken)
    {
        var scan = await Task.Run(() => FolderScan.Of(folder), cancellationToken);
        _closed.RemoveWhere(path => WhyClosed(path) is null);
        var leftOut = scan.LeftOut.Concat(
            scan.Files.Where(f => _closed.Contains(f.Path)).Select(f => new FolderWalk.Unreadable(f.Path, WhyClosed(f.Path) ?? ""))
        );
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (path, reason) in leftOut)
        {
            paths.Add(path);
            if (!_leftOut.Contains(path))
            {
                logger.PartNotShared(server, path, reason);
            }
        }

        _leftOut.Clear();
        _leftOut.UnionWith(paths);
        return _closed.Count == 0 ? scan.Files : [.. scan.Files.Where(f => !_closed.Contains(f.Path))];
    }

    /// <summary>Hashes files of a scan.</summary>
    /// <returns>The hashes, and how many pieces were read for them; null when a file may not be opened: the next scan is without it.</returns>
    internal async Task<(FolderHashes Hashes, int Read)?> TryHashAsync(
        IReadOnlyList<SharedFile> files,
        int pieceLength,
        FolderHashes? known,
        HashProgress progress,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await Task.Run(
                () => TorrentCreator.HashAsync(folder, files, pieceLength, known, progress, cancellationToken),
                cancellationToken
            );
        }
        catch (UnauthorizedAccessException)
        {
            var closed = files.Select(f => f.Path).Where(path => WhyClosed(path) is not null).ToList();
            if (closed.Count == 0)
            {
                throw;
            }

            _closed.UnionWith(closed);
            return null;
        }
    }

    /// <summary>Why a file may not be opened; null if it may, or is gone.</summary>
    private string? WhyClosed(string path)
    {
        try
        {
            File.OpenHandle(Path.Combine(folder, path), share: FileShare.ReadWrite | FileShare.Delete).Dispose();
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            return e.Message;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
