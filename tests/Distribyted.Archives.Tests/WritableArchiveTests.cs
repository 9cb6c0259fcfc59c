using Distribyted.Archives.Options;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.Archives.Tests.Zip;
using Distribyted.FileSystem;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Archives.Tests;

/// <summary>What writing to a tree with archives means.</summary>
[CancelAfter(60_000)]
internal sealed class WritableArchiveTests
{
    private readonly SettableClock _clock = new();
    private MemoryFs _memory = null!;
    private ArchiveTree _archives = null!;
    private IWritableFileSystem _tree = null!;

    [TearDown]
    public async Task EndAsync()
    {
        await _archives.DisposeAsync();
    }

    [Test]
    public async Task Nothing_in_an_archive_can_be_written_and_the_archive_can(CancellationToken cancellationToken)
    {
        await StartAsync(ArchiveMode.Beside, cancellationToken);
        var (inside, folder, archive) = (Path("/set/a.zip!/x"), Path("/set/a.zip!"), Path("/set/a.zip"));

        WriteResult[] refused =
        [
            await _tree.MayPutAsync(inside, 1, cancellationToken),
            await _tree.PutAsync(inside, new MemoryStream([1]), cancellationToken),
            await _tree.PutAsync(folder, new MemoryStream([1]), cancellationToken),
            await _tree.MakeDirectoryAsync(inside, cancellationToken),
            await _tree.DeleteAsync(folder, cancellationToken),
            await _tree.MoveAsync(inside, Path("/x"), overwrite: true, cancellationToken),
            await _tree.MoveAsync(archive, inside, overwrite: true, cancellationToken),
            await _tree.CopyAsync(archive, inside, overwrite: true, members: true, cancellationToken),
            await _tree.SetPropertiesAsync(inside, [], cancellationToken),
        ];

        Assert.That(refused.Select(r => r.Outcome), Is.All.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _tree.DeleteAsync(inside, cancellationToken)).Outcome, Is.EqualTo(WriteOutcome.NotFound));
        Assert.That((await _tree.MoveAsync(archive, Path("/b.zip"), overwrite: false, cancellationToken)).Succeeded);
        Assert.That((await _tree.DeleteAsync(Path("/b.zip"), cancellationToken)).Succeeded);
        Assert.That(await NamesAsync("/", cancellationToken), Is.EqualTo(new[] { "set" }));
    }

    [Test]
    public async Task What_is_deleted_in_an_archive_is_there_again_after_a_minute(CancellationToken cancellationToken)
    {
        await StartAsync(ArchiveMode.Beside, cancellationToken);

        Assert.That((await _tree.DeleteAsync(Path("/set/a.zip!/b/c.txt"), cancellationToken)).Succeeded);

        Assert.That(await NamesAsync("/set/a.zip!/b", cancellationToken), Is.Empty);
        Assert.That(await _tree.FindAsync(Path("/set/a.zip!/b/c.txt"), cancellationToken), Is.Null);
        Assert.That(await _tree.LocateAsync(Path("/set/a.zip!/b/c.txt"), cancellationToken), Is.Null);
        Assert.That(await _tree.OpenAsync(Path("/set/a.zip!/b/c.txt"), new ReadIntent(0, null, "test"), cancellationToken), Is.Null);
        Assert.That(
            (await _tree.DeleteAsync(Path("/set/a.zip!"), cancellationToken)).Outcome,
            Is.EqualTo(WriteOutcome.Forbidden),
            "a folder with files"
        );
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.That(await NamesAsync("/set/a.zip!/b", cancellationToken), Is.EqualTo(new[] { "c.txt" }));
    }

    // What rm -r does: it reads a listing and deletes what is in it, folders after what they hold.
    [TestCase(ArchiveMode.Beside, false)]
    [TestCase(ArchiveMode.Beside, true)]
    [TestCase(ArchiveMode.Replace, false)]
    public async Task A_client_deletes_a_folder_with_archives_one_by_one(
        ArchiveMode mode,
        bool isReversed,
        CancellationToken cancellationToken
    )
    {
        await StartAsync(mode, cancellationToken);

        await RemoveAsync("/set", isReversed, cancellationToken);

        Assert.That(await NamesAsync("/", cancellationToken), Is.Empty);
        Assert.That(await _memory.ListAsync(Path("/"), cancellationToken), Has.Count.Zero);
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.That(await _tree.FindAsync(Path("/set/a.zip!"), cancellationToken), Is.Null);
    }

    [Test]
    public async Task Deleting_the_folder_in_place_of_a_set_of_volumes_deletes_all_of_them(CancellationToken cancellationToken)
    {
        await StartAsync(ArchiveMode.Replace, cancellationToken);
        Assert.That(await NamesAsync("/set", cancellationToken), Is.EqualTo(new[] { "a.zip", "film.part01.rar", "x.txt" }));
        var moved = await _tree.MoveAsync(Path("/set/film.part01.rar"), Path("/film.rar"), overwrite: false, cancellationToken);

        Assert.That((await _tree.DeleteAsync(Path("/set/film.part01.rar"), cancellationToken)).Succeeded);

        Assert.That(moved.Outcome, Is.EqualTo(WriteOutcome.Forbidden), "one volume would go and the others stay");
        var left = await _memory.ListAsync(Path("/set"), cancellationToken);
        Assert.That(Enumerable.Range(0, left!.Count).Select(left.NameAt), Is.EqualTo(new[] { "a.zip", "x.txt" }));
    }

    private async Task StartAsync(ArchiveMode mode, CancellationToken cancellationToken)
    {
        _memory = new MemoryFs(_clock);
        _memory.AddFile("/set/a.zip", Zips.Make(new Dictionary<string, byte[]> { ["film.mkv"] = new byte[500], ["b/c.txt"] = [1] }));
        _memory.AddFile("/set/x.txt", "x"u8.ToArray());
        foreach (var volume in RarWriter.Write("film", new RarOptions { VolumeLength = 1000 }, new RarItem("film.mkv", new byte[4000])))
        {
            _memory.AddFile("/set/" + volume.Name, volume.ToArray());
        }

        _archives = new ArchiveTree(new ArchiveOptions { Mode = mode }, null, _clock, NullLogger<ArchiveTree>.Instance);
        _tree = _archives.Over((IWritableFileSystem)_memory);
        foreach (var inside in (string[])["a.zip!/film.mkv", "film.part01.rar!/film.mkv"])
        {
            var path = Path("/set/" + (mode == ArchiveMode.Beside ? inside : inside.Replace("!", "", StringComparison.Ordinal)));
            Assert.That(await _tree.LocateAsync(path, cancellationToken), Is.Not.Null, "the list is known from here on");
        }
    }

    private async Task RemoveAsync(string path, bool isReversed, CancellationToken cancellationToken)
    {
        if (await _tree.ListAsync(Path(path), cancellationToken) is { } listing)
        {
            var names = Enumerable.Range(0, listing.Count).Select(listing.NameAt).ToArray();
            foreach (var name in isReversed ? names.Reverse() : names)
            {
                await RemoveAsync($"{path}/{name}", isReversed, cancellationToken);
            }
        }

        var result = await _tree.DeleteAsync(Path(path), cancellationToken);
        Assert.That(result.Succeeded, $"{path}: {result}");
    }

    private async Task<string[]> NamesAsync(string folder, CancellationToken cancellationToken)
    {
        var listing = await _tree.ListAsync(Path(folder), cancellationToken);
        return [.. Enumerable.Range(0, listing!.Count).Select(listing.NameAt)];
    }

    private static VirtualPath Path(string text)
    {
        return VirtualPath.Parse(text);
    }
}
