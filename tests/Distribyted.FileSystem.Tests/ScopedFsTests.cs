using Distribyted.Testing;

namespace Distribyted.FileSystem.Tests;

[TestFixture]
public sealed class ScopedFsTests
{
    private static readonly MemoryFs Tree = Trees.Memory("/films/x", "/films-4k/y", "/a/b/in", "/a/c/out", "/a/file", "/s\u00e9ries/z");

    private readonly ScopedFs _files = new(
        Tree,
        new PathScope([VirtualPath.Parse("/films"), VirtualPath.Parse("/a/b"), VirtualPath.Parse("/se\u0301ries")])
    );

    [Test, CancelAfter(60_000)]
    public async Task Only_what_is_allowed_is_listed(CancellationToken cancellationToken)
    {
        Assert.That(await _files.NamesAsync("/", cancellationToken), Is.EqualTo(new[] { "a", "films", "s\u00e9ries" }));
        Assert.That(await _files.NamesAsync("/a", cancellationToken), Is.EqualTo(new[] { "b" }));
    }

    [TestCase("/films-4k"), TestCase("/films-4k/y"), TestCase("/a/c"), TestCase("/a/file"), TestCase("/a/c/out"), CancelAfter(60_000)]
    public async Task The_rest_does_not_exist(string path, CancellationToken cancellationToken)
    {
        var parsed = VirtualPath.Parse(path);

        Assert.That(await _files.FindAsync(parsed, cancellationToken), Is.Null);
        Assert.That(await _files.ListAsync(parsed, cancellationToken), Is.Null);
        Assert.That(await _files.OpenAsync(parsed, default, cancellationToken), Is.Null);
    }

    [
        TestCase("/films/x"),
        TestCase("/a/b/in"),
        TestCase("/a"),
        TestCase("/s\u00e9ries/z"),
        TestCase("/se\u0301ries/z"),
        CancelAfter(60_000)
    ]
    public async Task What_is_allowed_exists(string path, CancellationToken cancellationToken)
    {
        Assert.That(await _files.HasAsync(path, cancellationToken), Is.True);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_file_where_a_folder_on_the_way_was_meant_stays_hidden(CancellationToken cancellationToken)
    {
        var files = new ScopedFs(Tree, new PathScope([VirtualPath.Parse("/a/file/below")]));

        Assert.That(await files.HasAsync("/a/file", cancellationToken), Is.False);
        Assert.That(await files.NamesAsync("/a", cancellationToken), Is.Empty);
    }

    [Test, CancelAfter(60_000)]
    public async Task Without_a_folder_there_is_an_empty_root(CancellationToken cancellationToken)
    {
        var files = new ScopedFs(Tree, new PathScope([]));

        Assert.That(await files.NamesAsync("/", cancellationToken), Is.Empty);
    }

    [TestCase("/", false)]
    [TestCase("/films", true)]
    [TestCase("/films/x", true)]
    [TestCase("/films-4k/y", false)]
    [TestCase("/a", false)]
    [TestCase("/se\u0301ries/z", true)]
    public void Only_what_is_allowed_is_in_reach(string path, bool inReach)
    {
        IWritableFileSystem files = new ScopedWritableFs(
            Tree,
            new PathScope([VirtualPath.Parse("/films"), VirtualPath.Parse("/a/b"), VirtualPath.Parse("/s\u00e9ries")])
        );

        Assert.That(files.IsInReach(VirtualPath.Parse(path)), Is.EqualTo(inReach));
    }

    [Test, CancelAfter(60_000)]
    public async Task Writes_inside_are_passed_on_and_others_are_refused(CancellationToken cancellationToken)
    {
        var tree = Trees.Memory("/films/x", "/other/y");
        var files = new ScopedWritableFs(tree, new PathScope([VirtualPath.Parse("/films")]));
        var inside = VirtualPath.Parse("/films/x");
        var outside = VirtualPath.Parse("/other/y");

        Assert.That(
            (await files.CopyAsync(inside, VirtualPath.Parse("/films/z"), false, true, cancellationToken)).Outcome,
            Is.EqualTo(WriteOutcome.Created)
        );
        Assert.That((await files.MayPutAsync(inside, 1, cancellationToken)).Succeeded, Is.True);
        foreach (var path in (VirtualPath[])[inside, outside, inside.Parent, outside.Parent])
        {
            await tree.SetPropertiesAsync(path, [new DeadProperty("n", "a", "1")], cancellationToken);
        }

        Assert.That((await files.ListPropertiesAsync(VirtualPath.Root, cancellationToken)).Keys, Is.EqualTo(new[] { "films" }));
        Assert.That((await files.ListPropertiesAsync(inside.Parent, cancellationToken)).Keys, Is.EqualTo(new[] { "x" }));
        Assert.That(await files.ListPropertiesAsync(outside.Parent, cancellationToken), Is.Empty);
        WriteResult[] refused =
        [
            await files.MayPutAsync(outside, 1, cancellationToken),
            await files.PutAsync(outside, new MemoryStream(), cancellationToken),
            await files.DeleteAsync(outside, cancellationToken),
            await files.DeleteAsync(VirtualPath.Parse("/films"), cancellationToken),
            await files.DeleteAsync(VirtualPath.Root, cancellationToken),
            await files.MakeDirectoryAsync(VirtualPath.Parse("/new"), cancellationToken),
            await files.MoveAsync(inside, VirtualPath.Parse("/other/x"), true, cancellationToken),
            await files.MoveAsync(outside, VirtualPath.Parse("/films/y"), true, cancellationToken),
            await files.MoveAsync(VirtualPath.Parse("/films"), VirtualPath.Parse("/films2"), true, cancellationToken),
            await files.CopyAsync(outside, VirtualPath.Parse("/films/y"), true, true, cancellationToken),
            await files.SetPropertiesAsync(outside, [], cancellationToken),
        ];
        Assert.That(refused.Select(result => result.Outcome), Is.All.EqualTo(WriteOutcome.Forbidden));
        Assert.That(await tree.NamesAsync("/other", cancellationToken), Is.EqualTo(new[] { "y" }));
        Assert.That(await tree.NamesAsync("/films", cancellationToken), Is.EqualTo(new[] { "x", "z" }));
    }
}
