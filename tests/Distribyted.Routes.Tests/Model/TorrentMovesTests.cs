using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Store;

namespace Distribyted.Routes.Tests.Model;

internal sealed class TorrentMovesTests
{
    [Test]
    public void A_torrent_moves_and_keeps_its_name_or_gets_a_suffix_where_that_is_taken()
    {
        var edit = Library(Rows.Torrent("a", "x.mkv"), Rows.Torrent("a", "y.mkv"), Rows.Torrent("b", "y.mkv", hash: "other y"));

        Assert.That(
            TorrentMoves.Move(edit, new TorrentMove("a", Rows.Hash("x.mkv"), "b", null, false), Rows.Noon).Outcome,
            Is.EqualTo(WriteOutcome.Created)
        );
        Assert.That(
            TorrentMoves.Move(edit, new TorrentMove("a", Rows.Hash("y.mkv"), "b", null, false), Rows.Noon).Outcome,
            Is.EqualTo(WriteOutcome.Created)
        );

        Assert.That(Names(edit, "a"), Is.Empty);
        Assert.That(
            Names(edit, "b"),
            Is.EqualTo(new[] { $"y [{Rows.Hash("y.mkv").ToString()[..8]}].mkv", "x.mkv", "y.mkv" }.Order(StringComparer.Ordinal))
        );
    }

    [Test]
    public void A_rename_is_put_into_the_catalog_and_touches_nothing_else()
    {
        var edit = Library(Rows.Torrent("a", "x.mkv"));

        var result = TorrentMoves.Move(edit, new TorrentMove("a", Rows.Hash("x.mkv"), "a", "neu.mkv", false), Rows.Noon);

        Assert.That(result.Outcome, Is.EqualTo(WriteOutcome.Created));
        Assert.That(Names(edit, "a"), Is.EqualTo(new[] { "neu.mkv" }));
        Assert.That(edit.Changes, Has.Count.EqualTo(1));
        Assert.That(edit.Dropped, Is.Empty);
    }

    [TestCase(false, WriteOutcome.Exists)]
    [TestCase(true, WriteOutcome.Replaced)]
    public void A_name_that_is_taken_is_taken_over_only_if_that_is_asked_for(bool replace, WriteOutcome expected)
    {
        var edit = Library(Rows.Torrent("a", "x.mkv"), Rows.Torrent("b", "y.mkv"));

        var result = TorrentMoves.Move(edit, new TorrentMove("a", Rows.Hash("x.mkv"), "b", "y.mkv", replace), Rows.Noon);

        Assert.That(result.Outcome, Is.EqualTo(expected));
        Assert.That(Names(edit, "a").Count(), Is.EqualTo(replace ? 0 : 1));
        Assert.That(edit.Model.Find("b", Rows.Hash("y.mkv")) is null, Is.EqualTo(replace));
    }

    [Test]
    public void What_a_file_names_stays_where_it_is_and_the_reason_names_the_line()
    {
        var edit = Library(Rows.Torrent("a", "x.mkv"));
        edit.SetWhere(edit.Model.Find("a", Rows.Hash("x.mkv"))!, "distribyted.yaml:31");

        var result = TorrentMoves.Move(edit, new TorrentMove("a", Rows.Hash("x.mkv"), "b", null, false), Rows.Noon);

        Assert.That(result.Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That(result.Reason, Does.Contain("is set in distribyted.yaml line 31"));
    }

    [Test]
    public void A_route_that_has_the_torrent_already_keeps_its_own_and_the_other_goes()
    {
        var edit = Library(Rows.Torrent("a", "x.mkv"), Rows.Torrent("b", "mine.mkv", hash: "x.mkv"));

        var result = TorrentMoves.Move(edit, new TorrentMove("a", Rows.Hash("x.mkv"), "b", null, false), Rows.Noon);

        Assert.That(result.Outcome, Is.EqualTo(WriteOutcome.Replaced));
        Assert.That(Names(edit, "a"), Is.Empty);
        Assert.That(Names(edit, "b"), Is.EqualTo(new[] { "mine.mkv" }));
    }

    [Test]
    public void A_copy_is_a_second_row_and_a_third_is_refused()
    {
        var edit = Library(Rows.Torrent("a", "x.mkv"));

        Assert.That(
            TorrentMoves.Copy(edit, new TorrentMove("a", Rows.Hash("x.mkv"), "b", "x.mkv", false), Rows.Noon).Outcome,
            Is.EqualTo(WriteOutcome.Created)
        );
        Assert.That(
            TorrentMoves.Copy(edit, new TorrentMove("a", Rows.Hash("x.mkv"), "b", "z.mkv", false), Rows.Noon).Outcome,
            Is.EqualTo(WriteOutcome.Forbidden)
        );

        Assert.That(Names(edit, "a"), Is.EqualTo(new[] { "x.mkv" }));
        Assert.That(Names(edit, "b"), Is.EqualTo(new[] { "x.mkv" }));
    }

    private static LibraryEdit Library(params CatalogTorrent[] torrents)
    {
        return new LibraryEdit(LibraryStart.Build(new CatalogContent([], torrents)));
    }

    private static IEnumerable<string> Names(LibraryEdit edit, string route)
    {
        return edit.Model.Find(route)!.View.Torrents.Select(t => t.Name);
    }
}
