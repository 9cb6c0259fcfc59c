using CsCheck;

namespace Distribyted.FileSystem.Tests;

[TestFixture]
public sealed class DirectoryTreeTests
{
    [Test]
    public void Folders_come_from_the_paths_of_files()
    {
        var tree = DirectoryTree.Build([
            ["b", "2"],
            ["a"],
            ["b", "c", "3"],
            ["b", "1"],
        ]);

        Assert.That(Names(tree, "/"), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(Names(tree, "/b"), Is.EqualTo(new[] { "1", "2", "c" }));
        Assert.That(tree.Count, Is.EqualTo(7));
        Assert.That(tree.TryFind(VirtualPath.Parse("/b/c/3"), out var item), Is.True);
        Assert.That((item.Name, item.File, item.IsDirectory), Is.EqualTo(("3", 2, false)));
    }

    [TestCase("/a/x"), TestCase("/b/4"), TestCase("/c"), TestCase("/b/c/3/4")]
    public void What_is_not_there_is_not_found(string path)
    {
        var tree = DirectoryTree.Build([
            ["b", "2"],
            ["a"],
            ["b", "c", "3"],
        ]);

        Assert.That(tree.TryFind(VirtualPath.Parse(path), out _), Is.False);
        Assert.That(tree.List(VirtualPath.Parse(path), Describe), Is.Null);
    }

    [Test]
    public void A_file_is_not_listed()
    {
        Assert.That(
            DirectoryTree
                .Build([
                    ["a"],
                ])
                .List(VirtualPath.Parse("/a"), Describe),
            Is.Null
        );
    }

    [Test]
    public void Nothing_is_an_empty_root()
    {
        Assert.That(Names(DirectoryTree.Build([]), "/"), Is.Empty);
    }

    [Test]
    public void Paths_that_collide_are_refused()
    {
        Assert.That(
            () =>
                DirectoryTree.Build([
                    ["a"],
                    ["a"],
                ]),
            Throws.ArgumentException
        );
        Assert.That(
            () =>
                DirectoryTree.Build([
                    ["a"],
                    ["a", "b"],
                ]),
            Throws.ArgumentException
        );
        Assert.That(
            () =>
                DirectoryTree.Build([
                    ["a", "b"],
                    ["a"],
                ]),
            Throws.ArgumentException
        );
    }

    [Test]
    public void Paths_that_are_none_are_refused()
    {
        Assert.That(
            () =>
                DirectoryTree.Build([
                    [],
                ]),
            Throws.ArgumentException
        );
        Assert.That(
            () =>
                DirectoryTree.Build([
                    ["a", ".."],
                ]),
            Throws.ArgumentException
        );
        Assert.That(
            () =>
                DirectoryTree.Build([
                    ["a", ""],
                ]),
            Throws.ArgumentException
        );
        Assert.That(
            () =>
                DirectoryTree.Build([
                    ["a/b"],
                ]),
            Throws.ArgumentException
        );
    }

    [Test]
    public void Entries_are_made_when_they_are_read()
    {
        var made = 0;
        var tree = DirectoryTree.Build([.. Enumerable.Range(0, 1000).Select(i => new[] { $"{i:0000}" })]);

        var listing = tree.List(
            VirtualPath.Root,
            item =>
            {
                made++;
                return Describe(item);
            }
        )!;

        Assert.That((listing.Count, made), Is.EqualTo((1000, 0)));
        Assert.That((listing[7].Name, made), Is.EqualTo(("0007", 1)));
    }

    [Test]
    public void Every_file_is_found_under_its_path_and_counted_once()
    {
        var name = Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("\u00e9"), Gen.Const("e\u0301"), Gen.Const("Z"), Gen.Const("z z"));
        name.Array[1, 5]
            .Array[0, 40]
            .Sample(paths =>
            {
                // Keep what a torrent's import would keep: no path twice, none through a file.
                var kept = new List<string[]>();
                foreach (var path in paths)
                {
                    if (!kept.Exists(other => Starts(other, path) || Starts(path, other)))
                    {
                        kept.Add(path);
                    }
                }

                var tree = DirectoryTree.Build(kept);
                return kept.Select(
                            (path, i) => tree.TryFind(VirtualPath.Parse("/" + string.Join('/', path)), out var item) && item.File == i
                        )
                        .All(found => found)
                    && CountFiles(tree, VirtualPath.Root) == kept.Count;
            });
    }

    [Test]
    public void A_hundred_thousand_files_in_one_folder_are_no_trouble()
    {
        var tree = DirectoryTree.Build([.. Enumerable.Range(0, 100_000).Select(i => new[] { "folder", $"track {i}.flac" })]);

        for (var i = 0; i < 100_000; i++)
        {
            Assert.That(tree.TryFind(VirtualPath.Parse($"/folder/track {i}.flac"), out var item) && item.File == i);
        }
    }

    private static bool Starts(string[] path, string[] other)
    {
        return other.Length <= path.Length && other.AsSpan().SequenceEqual(path.AsSpan(0, other.Length));
    }

    private static int CountFiles(DirectoryTree tree, VirtualPath folder)
    {
        var listing = tree.List(folder, Describe)!;
        return Enumerable.Range(0, listing.Count).Sum(i => listing[i].IsDirectory ? CountFiles(tree, folder.Append(listing[i].Name)) : 1);
    }

    private static string[] Names(DirectoryTree tree, string folder)
    {
        var listing = tree.List(VirtualPath.Parse(folder), Describe)!;
        return [.. Enumerable.Range(0, listing.Count).Select(i => listing[i].Name)];
    }

    private static FileEntry Describe(TreeItem item)
    {
        return new FileEntry(item.Name, item.IsDirectory, item.IsDirectory ? 0 : 1, default, default, item.Node.ToString());
    }
}
