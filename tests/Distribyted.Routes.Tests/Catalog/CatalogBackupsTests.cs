using Distribyted.Routes.Catalog;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Routes.Tests.Catalog;

internal sealed class CatalogBackupsTests
{
    private readonly FakeTimeProvider _time = new(Rows.Noon);

    [TestCase(false, Description = "its torrents were removed")]
    [TestCase(true, Description = "the file is a new one, because the old one was lost")]
    public async Task A_catalog_without_torrents_replaces_no_copy(bool isNewFile)
    {
        using var folder = new TempFolder();
        var path = folder.At(LiteDbRouteCatalog.FileName);
        var torrent = Rows.Torrent("a", "x");
        await ChangeAsync(folder, new CatalogChange.PutTorrent(torrent));
        var backups = new CatalogBackups(path, _time, NullLogger.Instance);
        backups.Renew(1);
        var copy = await File.ReadAllBytesAsync(folder.At(CatalogBackups.Name));

        if (isNewFile)
        {
            File.Delete(path);
        }

        // In another folder, so that nothing but Renew touches the copy.
        using var emptied = new TempFolder();
        if (!isNewFile)
        {
            File.Copy(path, emptied.At(LiteDbRouteCatalog.FileName));
        }

        await ChangeAsync(emptied, new CatalogChange.RemoveTorrent(torrent.Route, torrent.InfoHash));
        File.Copy(emptied.At(LiteDbRouteCatalog.FileName), path, overwrite: true);
        _time.Advance(TimeSpan.FromDays(2));
        backups.Renew(0);

        Assert.That(Directory.EnumerateFiles(folder.Path, CatalogBackups.Name + "*").Count(), Is.EqualTo(1));
        Assert.That(await File.ReadAllBytesAsync(folder.At(CatalogBackups.Name)), Is.EqualTo(copy));
    }

    [Test]
    public void The_first_copy_may_be_one_without_torrents()
    {
        using var folder = new TempFolder();
        folder.Write(LiteDbRouteCatalog.FileName, EmptyCatalog());
        var backups = new CatalogBackups(folder.At(LiteDbRouteCatalog.FileName), _time, NullLogger.Instance);

        backups.Renew(0);

        Assert.That(backups.Any);
    }

    private static byte[] EmptyCatalog()
    {
        using var content = new MemoryStream();
        using (var database = new LiteDB.LiteDatabase(content))
        {
            CatalogDocuments.CheckVersion(database);
        }

        return content.ToArray();
    }

    /// <summary>Makes one change in the catalog of this folder, closes it, and removes the copy that it may have made of itself.</summary>
    private async Task ChangeAsync(TempFolder folder, CatalogChange change)
    {
        await using (var catalog = new LiteDbRouteCatalog(folder.Path, _time, NullLogger<LiteDbRouteCatalog>.Instance))
        {
            await catalog.LoadAsync(CancellationToken.None);
            await catalog.ApplyAsync([change], CancellationToken.None);
        }

        File.Delete(folder.At(CatalogBackups.Name));
    }
}
