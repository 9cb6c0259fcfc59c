using System.Text;
using Distribyted.FileSystem;
using Distribyted.Routes.Sources;

namespace Distribyted.Routes.Tests.Tree;

/// <summary>What each write to the tree means (the table of the project's README).</summary>
internal sealed class LibraryFsTests
{
    private static readonly byte[] Show = Rows.TorrentFile("Show", ("a.mkv", 100), ("sub/b.srt", 20));
    private static readonly byte[] Film = Rows.TorrentFile("Film.mkv", ("", 1000));

    private TestLibrary _library = null!;

    [SetUp]
    public async Task Begin()
    {
        _library = await TestLibrary.StartAsync(new ConfiguredRoute("set", [], null, "distribyted.yaml:31"));
        await _library.MakeAsync("/films");
    }

    [TearDown]
    public async Task End()
    {
        await _library.DisposeAsync();
    }

    [Test]
    public async Task A_put_torrent_is_a_folder_or_a_file_at_once_and_the_upload_stays_to_be_looked_at()
    {
        Assert.That((await _library.PutAsync("/films/show.torrent", Show)).Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That((await _library.PutAsync("/films/film.torrent", Film)).Outcome, Is.EqualTo(WriteOutcome.Created));

        Assert.That(await _library.ListAsync("/films"), Is.EqualTo("Film.mkv Show film.torrent show.torrent"));
        Assert.That(await _library.ListAsync("/films/Show"), Is.EqualTo("a.mkv sub"));
        Assert.That(await _library.ListAsync("/films/Show/sub"), Is.EqualTo("b.srt"));
        Assert.That((await _library.FindAsync("/films/Show/sub/b.srt"))!.Length, Is.EqualTo(20));
        Assert.That((await _library.FindAsync("/films/Film.mkv"))!.ETag, Is.EqualTo($"{Rows.HashOf(Film)}-0-1000"));
        Assert.That((await _library.FindAsync("/films/show.torrent"))!.Length, Is.EqualTo(Show.Length));
        Assert.That(await ReadAsync("/films/show.torrent"), Is.EqualTo(Show));

        _library.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.That(await _library.ListAsync("/films"), Is.EqualTo("Film.mkv Show"));
    }

    [Test]
    public async Task An_empty_upload_stands_in_until_its_content_comes()
    {
        Assert.That((await _library.PutAsync("/films/x.torrent", [])).Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That((await _library.FindAsync("/films/x.torrent"))!.Length, Is.Zero);
        Assert.That((await _library.PutAsync("/films/x.torrent", Show)).Outcome, Is.EqualTo(WriteOutcome.Replaced));
        Assert.That(await _library.FindAsync("/films/Show"), Is.Not.Null);

        await _library.PutAsync("/films/y.torrent", []);
        _library.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.That(await _library.FindAsync("/films/y.torrent"), Is.Null);
    }

    [Test]
    public async Task An_upload_under_another_name_counts_when_it_is_moved_to_its_own()
    {
        Assert.That((await _library.PutAsync("/films/x.torrent.part", Show)).Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That(await _library.FindAsync("/films/Show"), Is.Null);

        Assert.That(
            (await _library.MoveAsync("/films/x.torrent.part", "/films/x.torrent", true)).Outcome,
            Is.EqualTo(WriteOutcome.Created)
        );

        Assert.That(await _library.ListAsync("/films"), Is.EqualTo("Show x.torrent"));
    }

    [TestCase("not bencode")]
    [TestCase("d4:infod4:name3:fooee")]
    public async Task Garbage_is_refused_and_leaves_nothing(string garbage)
    {
        await _library.PutAsync("/films/bad.torrent", []);

        Assert.That((await _library.PutAsync("/films/bad.torrent", garbage)).Outcome, Is.EqualTo(WriteOutcome.Invalid));

        Assert.That(await _library.ListAsync("/films"), Is.Empty);
    }

    [TestCase("/x.torrent", WriteOutcome.Forbidden)]
    [TestCase("/films", WriteOutcome.IsADirectory)]
    [TestCase("/", WriteOutcome.IsADirectory)]
    [TestCase("/films/film.mkv", WriteOutcome.Unsupported)]
    [TestCase("/films/note.txt", WriteOutcome.Unsupported)]
    [TestCase("/nothing/x.torrent", WriteOutcome.NoParent)]
    [TestCase("/films/Show", WriteOutcome.IsADirectory)]
    [TestCase("/films/Show/new.srt", WriteOutcome.Forbidden)]
    [TestCase("/films/Show/a.mkv", WriteOutcome.Forbidden)]
    [TestCase("/films/Film.mkv", WriteOutcome.Forbidden)]
    public async Task A_put_elsewhere_is_refused_with_a_reason(string path, WriteOutcome expected)
    {
        await AddBothAsync();

        var result = await _library.PutAsync(path, "something");

        Assert.That(result.Outcome, Is.EqualTo(expected));
        Assert.That(result.Reason, Is.Not.Empty);
        Assert.That(
            (await _library.Tree.MayPutAsync(VirtualPath.Parse(path), 9, CancellationToken.None)).Succeeded,
            Is.EqualTo(expected == WriteOutcome.Unsupported && path.EndsWith(".txt", StringComparison.Ordinal))
        );
    }

    [Test]
    public async Task Desktop_metadata_files_are_taken_kept_for_a_moment_and_never_listed()
    {
        Assert.That((await _library.PutAsync("/films/._x.torrent", new byte[4096])).Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That((await _library.PutAsync("/.DS_Store", new byte[100_000])).Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That(await _library.MakeAsync("/.Trash-1000"), Is.EqualTo(WriteOutcome.Forbidden));

        Assert.That((await _library.FindAsync("/films/._x.torrent"))!.Length, Is.EqualTo(4096));
        Assert.That((await _library.FindAsync("/.DS_Store"))!.Length, Is.EqualTo(64 * 1024));
        Assert.That(await _library.ListAsync("/films"), Is.Empty);
        Assert.That(await _library.ListAsync("/"), Is.EqualTo("films set"));
    }

    [Test]
    public async Task A_magnet_file_stays_listed_while_its_torrent_waits_and_deleting_it_cancels()
    {
        var link = Rows.Magnet("waits", "Waiting Film");
        Assert.That(
            (await _library.PutAsync("/films/x.url", $"[InternetShortcut]\r\nURL={link}\r\n")).Outcome,
            Is.EqualTo(WriteOutcome.Created)
        );
        _library.Time.Advance(TimeSpan.FromSeconds(61));

        await using (var restarted = await _library.RestartAsync())
        {
            Assert.That(await restarted.ListAsync("/films"), Is.EqualTo("x.url"));
            var listing = await restarted.Tree.ListAsync(VirtualPath.Parse("/films"), CancellationToken.None);
            Assert.That(listing!.Note, Is.EqualTo("1 torrent waits for metadata: Waiting Film"));

            Assert.That((await restarted.DeleteAsync("/films/x.url")).Outcome, Is.EqualTo(WriteOutcome.Done));

            Assert.That(await restarted.ListAsync("/films"), Is.Empty);
            Assert.That(restarted.Manager.Current.Routes.Single(r => r.Name == "films").Torrents, Is.Empty);
            Assert.That(restarted.Session.Find(Rows.Hash("waits")), Is.Null);
        }
    }

    [Test]
    public async Task Folders_that_are_made_are_routes()
    {
        await AddBothAsync();

        Assert.That(await _library.MakeAsync("/films/nested"), Is.EqualTo(WriteOutcome.Created));
        Assert.That(await _library.MakeAsync("/films"), Is.EqualTo(WriteOutcome.Exists));
        Assert.That(await _library.MakeAsync("/"), Is.EqualTo(WriteOutcome.Exists));
        Assert.That(await _library.MakeAsync("/films/Show"), Is.EqualTo(WriteOutcome.Exists));
        Assert.That(await _library.MakeAsync("/films/Show/new"), Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That(await _library.MakeAsync("/a/b"), Is.EqualTo(WriteOutcome.NoParent));
        Assert.That(await _library.ListAsync("/films"), Does.Contain("nested"));
        Assert.That(await _library.ListAsync("/films/nested"), Is.Empty);
    }

    [Test]
    public async Task Deleting_a_torrent_removes_it_and_deleting_a_folder_in_it_does_not()
    {
        await AddBothAsync();

        Assert.That((await _library.DeleteAsync("/films/Show/sub")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _library.DeleteAsync("/films/Show/nothing")).Outcome, Is.EqualTo(WriteOutcome.NotFound));
        Assert.That((await _library.DeleteAsync("/films")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _library.DeleteAsync("/")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _library.DeleteAsync("/films/Show")).Outcome, Is.EqualTo(WriteOutcome.Done));
        Assert.That((await _library.DeleteAsync("/films/Film.mkv")).Outcome, Is.EqualTo(WriteOutcome.Done));
        Assert.That((await _library.DeleteAsync("/films/Show")).Outcome, Is.EqualTo(WriteOutcome.NotFound));
        Assert.That((await _library.DeleteAsync("/films")).Outcome, Is.EqualTo(WriteOutcome.Done));
        Assert.That(_library.Session.Find(Rows.HashOf(Show)), Is.Null);
        Assert.That(await _library.ListAsync("/"), Is.EqualTo("set"));
    }

    [Test]
    public async Task A_delete_right_after_a_refused_put_changes_nothing()
    {
        await AddBothAsync();
        await _library.PutAsync("/films/Film.mkv", "rclone copies a film");

        Assert.That((await _library.DeleteAsync("/films/Film.mkv")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        _library.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.That((await _library.DeleteAsync("/films/Film.mkv")).Outcome, Is.EqualTo(WriteOutcome.Done));
    }

    [Test]
    public async Task A_torrent_moves_between_routes_and_a_rename_is_remembered()
    {
        await AddBothAsync();
        await _library.MakeAsync("/other");

        Assert.That((await _library.MoveAsync("/films/Show", "/other/Show")).Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That((await _library.MoveAsync("/films/Film.mkv", "/films/Neu.mkv")).Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That((await _library.MoveAsync("/other/Show/a.mkv", "/other/a.mkv")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _library.MoveAsync("/other/Show", "/Show")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _library.MoveAsync("/other/Show", "/nothing/Show")).Outcome, Is.EqualTo(WriteOutcome.NoParent));
        Assert.That((await _library.MoveAsync("/other/Show", "/other/Show")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _library.MoveAsync("/other/Show", "/films/Neu.mkv")).Outcome, Is.EqualTo(WriteOutcome.Exists));
        _library.Time.Advance(TimeSpan.FromSeconds(61));

        await using var restarted = await _library.RestartAsync();
        Assert.That(await restarted.ListAsync("/films"), Is.EqualTo("Neu.mkv"));
        Assert.That(await restarted.ListAsync("/other"), Is.EqualTo("Show"));
        Assert.That(await restarted.ListAsync("/other/Show"), Is.EqualTo("a.mkv sub"));
    }

    [Test]
    public async Task A_copy_is_in_both_routes_and_removing_one_leaves_the_other()
    {
        await AddBothAsync();
        await _library.MakeAsync("/other");

        Assert.That((await _library.CopyAsync("/films/Show", "/other/Show")).Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That((await _library.CopyAsync("/films/Show", "/films/Again")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _library.CopyAsync("/films/Show/a.mkv", "/other/a.mkv")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _library.CopyAsync("/films", "/all")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _library.DeleteAsync("/films/Show")).Outcome, Is.EqualTo(WriteOutcome.Done));

        Assert.That(await _library.ListAsync("/other/Show"), Is.EqualTo("a.mkv sub"));
        Assert.That(_library.Session.Find(Rows.HashOf(Show)), Is.Not.Null);
    }

    [Test]
    public async Task A_route_of_the_file_stays_and_the_reason_names_the_line()
    {
        var result = await _library.DeleteAsync("/set");

        Assert.That(result.Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That(result.Reason, Does.Contain("distribyted.yaml line 31"));
        Assert.That((await _library.MoveAsync("/set", "/new")).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await _library.PutAsync("/set/x.torrent", Show)).Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That((await _library.MoveAsync("/films", "/new")).Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That(await _library.ListAsync("/"), Is.EqualTo("new set"));
    }

    [Test]
    public async Task Properties_stay_with_torrents_and_routes_over_a_restart_and_a_rename()
    {
        await AddBothAsync();
        DeadProperty[] change = [new("urn:x", "label", "<label xmlns='urn:x'>1</label>")];
        foreach (var path in (string[])["/films", "/films/Show", "/films/show.torrent"])
        {
            Assert.That((await SetAsync(path, change)).Outcome, Is.EqualTo(WriteOutcome.Done));
            Assert.That(await GetAsync(path), Is.EqualTo(change));
        }

        Assert.That((await SetAsync("/films/Show/a.mkv", change)).Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That((await SetAsync("/films/nothing", change)).Outcome, Is.EqualTo(WriteOutcome.NotFound));
        Assert.That((await SetAsync("/films", [new("urn:x", "big", new string('x', 70_000))])).Outcome, Is.EqualTo(WriteOutcome.NoSpace));
        await _library.MoveAsync("/films/Show", "/films/Show 2");

        await using var restarted = await _library.RestartAsync();
        Assert.That(
            await restarted.Tree.GetPropertiesAsync(VirtualPath.Parse("/films/Show 2"), CancellationToken.None),
            Is.EqualTo(change)
        );
        Assert.That(await restarted.Tree.GetPropertiesAsync(VirtualPath.Parse("/films"), CancellationToken.None), Is.EqualTo(change));
    }

    [Test]
    public async Task Properties_of_a_folder_are_those_of_what_it_lists()
    {
        await AddBothAsync();
        await _library.Tree.MakeDirectoryAsync(VirtualPath.Parse("/films/old"), CancellationToken.None);
        await _library.PutAsync("/films/later.torrent", []);
        DeadProperty[] change = [new("urn:x", "label", "<label xmlns='urn:x'>1</label>")];
        Assert.That(await LabelledAsync("/"), Is.Empty);

        foreach (var path in (string[])["/films", "/films/old", "/films/Show", "/films/later.torrent"])
        {
            Assert.That((await SetAsync(path, change)).Succeeded, Is.True, path);
        }

        Assert.That(await LabelledAsync("/"), Is.EqualTo("films"));
        Assert.That(await LabelledAsync("/films"), Is.EqualTo("Show later.torrent old"));
        Assert.That(await LabelledAsync("/films/Show"), Is.Empty);
        Assert.That(await LabelledAsync("/nothing"), Is.Empty);
        await SetAsync("/films/Show", [new("urn:x", "label", null)]);
        Assert.That(await LabelledAsync("/films"), Is.EqualTo("later.torrent old"));
    }

    [Test]
    public async Task Names_are_found_in_every_spelling()
    {
        var name = "Café 🎬 #?%&+;";
        await _library.PutAsync("/films/x.torrent", Rows.TorrentFile(name, ("é.mkv", 5), ("b", 1)));

        var decomposed = ("/films/" + name + "/é.mkv").Normalize(NormalizationForm.FormD);
        Assert.That((await _library.FindAsync(decomposed))!.Length, Is.EqualTo(5));
        Assert.That(
            (await _library.DeleteAsync(("/films/" + name).Normalize(NormalizationForm.FormD))).Outcome,
            Is.EqualTo(WriteOutcome.Done)
        );
    }

    [Test]
    public async Task Two_spellings_of_one_name_are_two_files_where_a_torrent_has_both()
    {
        await _library.PutAsync("/films/x.torrent", Rows.TorrentFile("Both", ("caf\u00E9.mkv", 10), ("cafe\u0301.mkv", 20)));
        await _library.PutAsync("/films/y.torrent", Rows.TorrentFile("One", ("caf\u00E9.mkv", 30), ("b", 1)));

        Assert.That((await _library.FindAsync("/films/Both/caf\u00E9.mkv"))!.Length, Is.EqualTo(10));
        Assert.That((await _library.FindAsync("/films/Both/cafe\u0301.mkv"))!.Length, Is.EqualTo(20));
        Assert.That((await _library.FindAsync("/films/One/cafe\u0301.mkv"))!.Length, Is.EqualTo(30));
    }

    [Test]
    public async Task A_full_disk_refuses_and_nothing_half_done_remains()
    {
        _library.Catalog.IsFull = true;

        Assert.That((await _library.PutAsync("/films/x.torrent", Show)).Outcome, Is.EqualTo(WriteOutcome.NoSpace));

        Assert.That(await _library.ListAsync("/films"), Is.Empty);
        Assert.That(_library.Session.Find(Rows.HashOf(Show)), Is.Null);
    }

    [Test]
    public async Task A_folder_that_may_not_be_written_refuses_and_nothing_half_done_remains()
    {
        var metainfo = Path.Combine(_library.Options.MetadataFolder, "metainfo");
        Directory.CreateDirectory(Path.Combine(metainfo, Rows.HashOf(Show) + ".torrent.1.tmp")); // root may write anything but this

        var refused = await _library.PutAsync("/films/x.torrent", Show);

        Assert.That(refused.Outcome, Is.EqualTo(WriteOutcome.NoSpace));
        Assert.That(refused.Reason, Does.StartWith("It could not be kept"));
        Assert.That(await _library.ListAsync("/films"), Is.Empty);
        Assert.That((await _library.PutAsync("/films/x.torrent", Show)).Succeeded, "the next try has another name");
    }

    [Test]
    public async Task Space_is_what_is_shown_and_what_the_disk_has_left()
    {
        await AddBothAsync();

        var space = await _library.Tree.GetSpaceAsync(CancellationToken.None);

        Assert.That(space.Used, Is.EqualTo(1120));
        Assert.That(space.Available, Is.GreaterThan(0));
    }

    private async Task AddBothAsync()
    {
        await _library.PutAsync("/films/show.torrent", Show);
        await _library.PutAsync("/films/film.torrent", Film);
    }

    private Task<WriteResult> SetAsync(string path, DeadProperty[] changes)
    {
        return _library.Tree.SetPropertiesAsync(VirtualPath.Parse(path), changes, CancellationToken.None);
    }

    private async Task<IReadOnlyList<DeadProperty>> GetAsync(string path)
    {
        return await _library.Tree.GetPropertiesAsync(VirtualPath.Parse(path), CancellationToken.None);
    }

    private async Task<string> LabelledAsync(string folder)
    {
        var found = await _library.Tree.ListPropertiesAsync(VirtualPath.Parse(folder), CancellationToken.None);
        Assert.That(found.Values, Has.All.Count.EqualTo(1));
        return string.Join(' ', found.Keys.Order(StringComparer.Ordinal));
    }

    private async Task<byte[]> ReadAsync(string path)
    {
        await using var reader = await _library.Tree.OpenAsync(
            VirtualPath.Parse(path),
            new ReadIntent(0, null, "test"),
            CancellationToken.None
        );
        var bytes = new byte[reader!.Entry.Length];
        var done = 0;
        while (done < bytes.Length)
        {
            done += await reader.ReadAsync(bytes.AsMemory(done), done, CancellationToken.None);
        }

        return bytes;
    }
}
