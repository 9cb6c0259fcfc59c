using Distribyted.FileSystem;
using Distribyted.Routes.Catalog;
using Distribyted.Routes.Model;
using Distribyted.Routes.Store;

namespace Distribyted.Routes.Tests.Model;

internal sealed class RouteChangesTests
{
    [Test]
    public void A_torrent_that_lies_in_the_way_refuses_a_route()
    {
        var edit = Library(Rows.Torrent("a", "b", isFolder: true));

        Assert.That(RouteChanges.CheckRoute(edit.Model, "a/b").Outcome, Is.EqualTo(WriteOutcome.Exists));
        Assert.That(RouteChanges.CheckRoute(edit.Model, "a/b/c").Outcome, Is.EqualTo(WriteOutcome.Exists));
        Assert.That(RouteChanges.CheckRoute(edit.Model, "a/bb").Outcome, Is.EqualTo(WriteOutcome.Created));
    }

    [Test]
    public void A_route_takes_the_routes_below_it_along_when_it_is_renamed()
    {
        var edit = Library(Rows.Torrent("a", "x"), Rows.Torrent("a/b", "y"), Rows.Torrent("ab", "z"));

        Assert.That(RouteChanges.RenameRoute(edit, "a", "a/b/c").Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That(RouteChanges.RenameRoute(edit, "a", "ab").Outcome, Is.EqualTo(WriteOutcome.Exists));
        Assert.That(RouteChanges.RenameRoute(edit, "nothing", "new").Outcome, Is.EqualTo(WriteOutcome.NotFound));
        Assert.That(RouteChanges.RenameRoute(edit, "a", "new").Outcome, Is.EqualTo(WriteOutcome.Created));

        Assert.That(edit.Model.Routes.Select(r => r.Name), Is.EqualTo(new[] { "ab", "new", "new/b" }));
        Assert.That(Names(edit, "new/b"), Is.EqualTo(new[] { "y" }));
    }

    [Test]
    public void Only_an_empty_route_goes()
    {
        var edit = Library(Rows.Torrent("a", "x"), Rows.Torrent("b/c", "y"));
        edit.Put(Rows.Route("b"), null);
        edit.Put(Rows.Route("empty"), null);
        edit.Put(Rows.Route("set"), "distribyted.yaml:9");

        Assert.That(RouteChanges.RemoveRoute(edit, "a").Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That(RouteChanges.RemoveRoute(edit, "b").Outcome, Is.EqualTo(WriteOutcome.Forbidden));
        Assert.That(RouteChanges.RemoveRoute(edit, "set").Reason, Does.Contain("line 9"));
        Assert.That(RouteChanges.RemoveRoute(edit, "nothing").Outcome, Is.EqualTo(WriteOutcome.NotFound));
        Assert.That(RouteChanges.RemoveRoute(edit, "empty").Outcome, Is.EqualTo(WriteOutcome.Done));
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
