using Distribyted.Routes.Catalog;
using Distribyted.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Routes.Tests.Catalog;

internal sealed class LiteDbRouteCatalogTests : RouteCatalogConformance
{
    private readonly FakeTimeProvider _time = new(Rows.Noon);
    private TempFolder _folder = null!;

    [SetUp]
    public void Begin()
    {
        _folder = new TempFolder();
    }

    [TearDown]
    public void End()
    {
        _folder.Dispose();
    }

    [Test]
    public async Task What_was_acknowledged_is_there_although_the_catalog_was_never_closed()
    {
        await using var killed = Open();
        await killed.LoadAsync(CancellationToken.None);
        await killed.ApplyAsync([new CatalogChange.PutTorrent(Rows.Torrent("a", "x"))], CancellationToken.None);

        // A copy of the files at this moment is what a kill -9 would leave.
        using var left = new TempFolder();
        foreach (var file in Directory.EnumerateFiles(_folder.Path))
        {
            await using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await using var to = File.Create(left.At(Path.GetFileName(file)));
            await from.CopyToAsync(to);
        }

        await using var again = OpenIn(left.Path);
        var content = await again.LoadAsync(CancellationToken.None);

        Assert.That(content.Torrents.Select(t => t.Name), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task After_ten_quiet_seconds_a_backup_is_there_that_can_be_read_alone(CancellationToken cancellationToken)
    {
        await using var catalog = Open();
        await catalog.LoadAsync(cancellationToken);
        await catalog.ApplyAsync([new CatalogChange.PutTorrent(Rows.Torrent("a", "x"))], cancellationToken);

        var backup = _folder.At(LiteDbRouteCatalog.BackupName);
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return File.Exists(backup);
            },
            cancellationToken
        );

        using var restored = new TempFolder();
        File.Copy(backup, restored.At(LiteDbRouteCatalog.FileName));
        await using var again = OpenIn(restored.Path);
        var content = await again.LoadAsync(cancellationToken);
        Assert.That(content.Torrents.Select(t => t.Name), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Without_spare_space_nothing_is_begun_and_what_is_refused_is_not_there(CancellationToken cancellationToken)
    {
        var free = 100L << 20;
        await using (
            var catalog = new LiteDbRouteCatalog(_folder.Path, _time, NullLogger<LiteDbRouteCatalog>.Instance) { FreeSpace = () => free }
        )
        {
            await catalog.LoadAsync(cancellationToken);
            await catalog.ApplyAsync([new CatalogChange.PutTorrent(Rows.Torrent("a", "x"))], cancellationToken);

            free = 2L << 20;
            var refused = async () => await catalog.ApplyAsync([new CatalogChange.PutTorrent(Rows.Torrent("a", "y"))], cancellationToken);
            Assert.That(refused, Throws.InstanceOf<IOException>().With.Message.Contains("no space left"));
            await catalog.ApplyAsync([new CatalogChange.RemoveTorrent("a", Rows.Hash("x"))], cancellationToken);

            free = 100L << 20;
            await catalog.ApplyAsync([new CatalogChange.PutTorrent(Rows.Torrent("a", "z"))], cancellationToken);
        }

        await using var again = Open();
        Assert.That((await again.LoadAsync(cancellationToken)).Torrents.Select(t => t.Name), Is.EqualTo(new[] { "z" }));
    }

    [TestCase(-1)]
    [TestCase(0)]
    [TestCase(100_000)]
    [CancelAfter(60_000)]
    public async Task A_catalog_that_is_missing_empty_or_zeros_is_restored_and_said_so(int zeros, CancellationToken cancellationToken)
    {
        await AddAndBackUpAsync("x", cancellationToken);
        var path = _folder.At(LiteDbRouteCatalog.FileName);
        File.Delete(path);
        if (zeros >= 0)
        {
            await File.WriteAllBytesAsync(path, new byte[zeros], cancellationToken);
        }

        using var log = new RecordingLog();
        await using (var catalog = new LiteDbRouteCatalog(_folder.Path, _time, log.CreateLogger<LiteDbRouteCatalog>()))
        {
            var content = await catalog.LoadAsync(cancellationToken);

            Assert.That(content.Torrents.Select(t => t.Name), Is.EqualTo(new[] { "x" }));
            Assert.That(content.IsRestored);
            Assert.That(log.Count(2023), Is.EqualTo(1));
            await catalog.ApplyAsync([new CatalogChange.PutTorrent(Rows.Torrent("a", "y"))], cancellationToken);
        }

        await using var again = Open();
        var after = await again.LoadAsync(cancellationToken);
        Assert.That(after.Torrents, Has.Count.EqualTo(2));
        Assert.That(after.IsRestored, Is.False);
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task A_copy_that_is_itself_damaged_is_passed_over(CancellationToken cancellationToken)
    {
        await AddAndBackUpAsync("x", cancellationToken);
        _time.Advance(TimeSpan.FromDays(2));
        await AddAndBackUpAsync("y", cancellationToken);
        await File.WriteAllBytesAsync(_folder.At(LiteDbRouteCatalog.BackupName), new byte[50_000], cancellationToken);
        await File.WriteAllBytesAsync(_folder.At(LiteDbRouteCatalog.FileName), [], cancellationToken);

        await using var catalog = Open();
        var content = await catalog.LoadAsync(cancellationToken);

        Assert.That(content.Torrents.Select(t => t.Name), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task No_backup_follows_an_emptied_catalog_and_older_ones_stay_for_days(CancellationToken cancellationToken)
    {
        for (var day = 0; day < 10; day++)
        {
            await AddAndBackUpAsync($"day {day}", cancellationToken);
            _time.Advance(TimeSpan.FromDays(1));
        }

        Assert.That(Directory.EnumerateFiles(_folder.Path, LiteDbRouteCatalog.BackupName + "*").Count(), Is.EqualTo(7));
        await using (var oldest = OpenIn(_folder.Make("oldest")))
        {
            File.Copy(_folder.At(LiteDbRouteCatalog.BackupName + ".6"), _folder.At("oldest", LiteDbRouteCatalog.FileName));
            Assert.That((await oldest.LoadAsync(cancellationToken)).Torrents, Has.Count.EqualTo(4));
        }

        // Emptied by another program.
        await using (var catalog = Open())
        {
            var all = await catalog.LoadAsync(cancellationToken);
            await catalog.ApplyAsync(
                [.. all.Torrents.Select(t => new CatalogChange.RemoveTorrent(t.Route, t.InfoHash))],
                cancellationToken
            );
            _time.Advance(TimeSpan.FromDays(1));
        }

        File.Delete(_folder.At(LiteDbRouteCatalog.FileName));
        await using var again = Open();
        Assert.That((await again.LoadAsync(cancellationToken)).Torrents, Has.Count.EqualTo(10));
    }

    [Test]
    public async Task A_file_that_is_no_catalog_is_named()
    {
        File.WriteAllBytes(
            _folder.At(LiteDbRouteCatalog.FileName),
            new byte[16384]
                .Select((_, i) => (byte)i)
                .ToArray()
        );
        var catalog = Open();

        var error = await Assert.ThrowsAsync<IOException>(async () => await catalog.LoadAsync(CancellationToken.None));

        Assert.That(error!.Message, Does.Contain(LiteDbRouteCatalog.FileName).And.Contain(LiteDbRouteCatalog.BackupName));
    }

    [Test]
    public async Task Ten_thousand_rows_are_written_at_once_and_read_at_start()
    {
        await using (var catalog = Open())
        {
            await catalog.LoadAsync(CancellationToken.None);
            await catalog.ApplyAsync(
                [.. Enumerable.Range(0, 10_000).Select(i => new CatalogChange.PutTorrent(Rows.Torrent("a", $"t{i}")))],
                CancellationToken.None
            );
        }

        await using var again = Open();
        var content = await again.LoadAsync(CancellationToken.None);
        Assert.That(content.Torrents, Has.Count.EqualTo(10_000));
    }

    protected override IRouteCatalog Open()
    {
        return OpenIn(_folder.Path);
    }

    private async Task AddAndBackUpAsync(string name, CancellationToken cancellationToken)
    {
        var backup = _folder.At(LiteDbRouteCatalog.BackupName);
        var before = File.Exists(backup) ? File.GetLastWriteTimeUtc(backup) : default;
        await using var catalog = Open();
        await catalog.LoadAsync(cancellationToken);
        await catalog.ApplyAsync([new CatalogChange.PutTorrent(Rows.Torrent("a", name))], cancellationToken);
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return File.Exists(backup) && File.GetLastWriteTimeUtc(backup) > before;
            },
            cancellationToken
        );
    }

    private LiteDbRouteCatalog OpenIn(string folder)
    {
        return new LiteDbRouteCatalog(folder, _time, NullLogger<LiteDbRouteCatalog>.Instance);
    }
}
