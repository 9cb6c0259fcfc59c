using Distribyted.Platform;
using Distribyted.Routes.Telemetry;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace Distribyted.Routes.Catalog;

/// <summary>Copies of <c>catalog.db</c>: the newest in <c>catalog.backup</c>, renewed at most once an hour, and older ones, a day and more apart,
/// in <c>catalog.backup.1</c> to <c>.6</c>. A copy counts only when it can be read and has as many torrents as the catalog; a catalog without
/// torrents replaces none. Not thread-safe.</summary>
internal sealed class CatalogBackups
{
    internal const string Name = "catalog.backup";

    private const int Generations = 6;
    private const int FirstPage = 8192; // of LiteDB
    private static readonly TimeSpan Renewed = TimeSpan.FromHours(1);
    private static readonly TimeSpan Apart = TimeSpan.FromDays(1);

    private readonly string _catalog;
    private readonly string _newest;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal CatalogBackups(string catalog, TimeProvider time, ILogger logger)
    {
        _catalog = catalog;
        _newest = Path.Combine(Path.GetDirectoryName(catalog) ?? "", Name);
        _time = time;
        _logger = logger;
    }

    /// <summary>Whether there is a copy.</summary>
    internal bool Any => All.Any();

    private IEnumerable<string> All => Enumerable.Range(0, Generations + 1).Select(PathOf).Where(File.Exists);

    /// <summary>Puts the newest good copy in the place of a catalog that is missing, empty or begins with zeros, as power cuts leave files. False:
    /// the catalog is not so, or there is no good copy.</summary>
    /// <exception cref="IOException">The copy could not be put there.</exception>
    internal bool Restore()
    {
        if (!IsBlank())
        {
            return false;
        }

        foreach (var backup in All)
        {
            var fresh = _catalog + ".new";
            Copy(backup, fresh);
            if (CountTorrents(fresh) is null)
            {
                File.Delete(fresh);
                continue;
            }

            SetAside(_catalog);
            SetAside(LogOf(_catalog));
            DurableFile.Move(fresh, _catalog);
            _logger.CatalogRestored(_catalog, Path.GetFileName(backup), File.GetLastWriteTimeUtc(backup));
            return true;
        }

        return false;
    }

    /// <summary>Copies the catalog if that is due. Nothing may write to it meanwhile.</summary>
    /// <param name="torrents">How many it has.</param>
    internal void Renew(int torrents)
    {
        try
        {
            if (AgeOf(_newest) < Renewed || (torrents == 0 && Any))
            {
                return;
            }

            var fresh = _newest + ".new";
            Copy(_catalog, fresh);
            if (CountTorrents(fresh) != torrents)
            {
                File.Delete(fresh);
                throw new IOException("the copy cannot be read, or not all of it.");
            }

            if (File.Exists(_newest) && AgeOf(PathOf(1)) >= Apart)
            {
                for (var i = Generations; i > 0; i--)
                {
                    if (File.Exists(PathOf(i - 1)))
                    {
                        File.Move(PathOf(i - 1), PathOf(i), overwrite: true);
                    }
                }
            }

            DurableFile.Move(fresh, _newest);
            File.SetLastWriteTimeUtc(_newest, _time.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _logger.CatalogNotBackedUp(_newest, e);
        }
    }

    private static string LogOf(string database)
    {
        return Path.ChangeExtension(database, null) + "-log" + Path.GetExtension(database);
    }

    /// <summary>Number of torrents in a copy; null: it cannot be read.</summary>
    private static int? CountTorrents(string copy)
    {
        try
        {
            using var database = new LiteDatabase(new ConnectionString { Filename = copy, ReadOnly = true });
            return CatalogDocuments.ReadAll(database).Torrents.Count;
        }
        catch (Exception e) when (e is not OutOfMemoryException) // LiteDB reads a damaged file with whatever exception that leads to
        {
            return null;
        }
        finally
        {
            File.Delete(LogOf(copy));
        }
    }

    private static void Copy(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // links hold passkeys
        }

        using var target = new FileStream(to, options);
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
    }

    private static void SetAside(string path)
    {
        if (File.Exists(path))
        {
            File.Move(path, path + ".damaged", overwrite: true);
        }
    }

    private string PathOf(int generation)
    {
        return generation == 0 ? _newest : FormattableString.Invariant($"{_newest}.{generation}");
    }

    private TimeSpan AgeOf(string backup)
    {
        return File.Exists(backup) ? _time.GetUtcNow().UtcDateTime - File.GetLastWriteTimeUtc(backup) : TimeSpan.MaxValue;
    }

    private bool IsBlank()
    {
        if (!File.Exists(_catalog))
        {
            return true;
        }

        using var file = new FileStream(_catalog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var page = new byte[FirstPage];
        var length = file.ReadAtLeast(page, page.Length, throwOnEndOfStream: false);
        return !page.AsSpan(0, length).ContainsAnyExcept((byte)0);
    }
}
