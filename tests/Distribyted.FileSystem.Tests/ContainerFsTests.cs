namespace Distribyted.FileSystem.Tests;

[TestFixture]
public sealed class ContainerFsTests
{
    private static readonly DateTimeOffset Then = new(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Test, CancelAfter(60_000)]
    public async Task A_route_is_found_by_segment_and_not_by_text(CancellationToken cancellationToken)
    {
        var files = Tree(("/movies", Trees.Memory("/x")), ("/movies-4k", Trees.Memory("/y")));

        Assert.That(await files.HasAsync("/movies/x", cancellationToken), Is.True);
        Assert.That(await files.HasAsync("/movies-4k/y", cancellationToken), Is.True);
        Assert.That(await files.HasAsync("/movies-4k/x", cancellationToken), Is.False);
        Assert.That(await files.HasAsync("/movie", cancellationToken), Is.False);
    }

    [Test, CancelAfter(60_000)]
    public async Task The_longest_mount_answers(CancellationToken cancellationToken)
    {
        var files = Tree(("/a", Trees.Memory("/b/from-a", "/c")), ("/a/b", Trees.Memory("/from-b")));

        Assert.That(await files.NamesAsync("/a/b", cancellationToken), Is.EqualTo(new[] { "from-b" }));
        Assert.That(await files.NamesAsync("/a", cancellationToken), Is.EqualTo(new[] { "b", "c" }));
        Assert.That(await files.HasAsync("/a/b/from-a", cancellationToken), Is.False);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_nested_route_makes_the_folders_on_its_way(CancellationToken cancellationToken)
    {
        var files = Tree(("/a/b/c", Trees.Memory("/x")));

        Assert.That(await files.NamesAsync("/", cancellationToken), Is.EqualTo(new[] { "a" }));
        Assert.That(await files.NamesAsync("/a", cancellationToken), Is.EqualTo(new[] { "b" }));
        var between = await files.FindAsync(VirtualPath.Parse("/a/b"), cancellationToken);
        Assert.That(between, Is.EqualTo(new FileEntry("b", true, 0, Then, Then, "")));
        Assert.That(await files.NamesAsync("/a/x", cancellationToken), Is.EqualTo(new[] { "(nothing)" }));
    }

    [Test, CancelAfter(60_000)]
    public async Task Folders_in_between_melt_with_those_of_the_mount_above(CancellationToken cancellationToken)
    {
        var files = Tree(("/a", Trees.Memory("/b/own", "/b/c/hidden")), ("/a/b/c", Trees.Memory("/x")));

        Assert.That(await files.NamesAsync("/a/b", cancellationToken), Is.EqualTo(new[] { "c", "own" }));
        Assert.That(await files.NamesAsync("/a/b/c", cancellationToken), Is.EqualTo(new[] { "x" }));
        Assert.That(await files.HasAsync("/a/b/own", cancellationToken), Is.True);
        Assert.That(await files.HasAsync("/a/b/c/hidden", cancellationToken), Is.False);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_mount_hides_a_file_of_its_name_and_nothing_else(CancellationToken cancellationToken)
    {
        var files = Tree(("/", Trees.Memory("/films", "/other")), ("/films", Trees.Memory("/x")));

        Assert.That(await files.NamesAsync("/", cancellationToken), Is.EqualTo(new[] { "films", "other" }));
        Assert.That((await files.FindAsync(VirtualPath.Parse("/films"), cancellationToken))!.IsDirectory, Is.True);
        Assert.That(await files.HasAsync("/films/x", cancellationToken), Is.True);
    }

    [Test, CancelAfter(60_000)]
    public async Task An_empty_table_is_an_empty_root(CancellationToken cancellationToken)
    {
        var files = Tree();

        Assert.That(await files.NamesAsync("/", cancellationToken), Is.Empty);
        Assert.That(await files.GetSpaceAsync(cancellationToken), Is.EqualTo(new Space(0, 0)));
    }

    [Test, CancelAfter(60_000)]
    public async Task Mounts_are_found_in_both_compositions(CancellationToken cancellationToken)
    {
        var files = Tree(("/s\u00e9ries", Trees.Memory("/x")));

        Assert.That(await files.HasAsync("/se\u0301ries/x", cancellationToken), Is.True);
    }

    [Test]
    public void Two_file_systems_cannot_have_one_path()
    {
        Assert.That(() => Tree(("/a", Trees.Memory()), ("/a", Trees.Memory())), Throws.ArgumentException);
    }

    [Test, CancelAfter(60_000)]
    public async Task Used_space_adds_up_and_free_space_does_not(CancellationToken cancellationToken)
    {
        var files = Tree(("/a", Trees.Memory("/x")), ("/b", Trees.Memory("/y", "/z")));

        var space = await files.GetSpaceAsync(cancellationToken);

        Assert.That(space, Is.EqualTo(new Space(9, (1L << 40) - 3)));
    }

    private static ContainerFs Tree(params (string Path, IFileSystem Files)[] mounts)
    {
        return new ContainerFs(mounts.Select(mount => new Mount(VirtualPath.Parse(mount.Path), mount.Files)), Then);
    }
}
