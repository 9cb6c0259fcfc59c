using System.Text;
using Distribyted.Testing;

namespace Distribyted.FileSystem.Tests;

[TestFixture]
public sealed class MemoryFsTests
{
    [TestCase("/new", WriteOutcome.Created), TestCase("/a/x", WriteOutcome.Replaced), TestCase("/a", WriteOutcome.IsADirectory)]
    [TestCase("/", WriteOutcome.IsADirectory), TestCase("/no/x", WriteOutcome.NoParent), TestCase("/a/x/y", WriteOutcome.NoParent)]
    [CancelAfter(60_000)]
    public async Task Put(string path, WriteOutcome outcome, CancellationToken cancellationToken)
    {
        var files = Trees.Memory("/a/x");

        var result = await files.PutAsync(VirtualPath.Parse(path), new MemoryStream([9]), cancellationToken);

        Assert.That(result.Outcome, Is.EqualTo(outcome));
        Assert.That((await files.MayPutAsync(VirtualPath.Parse(path), 1, cancellationToken)).Succeeded, Is.EqualTo(result.Succeeded));
        Assert.That(result.Succeeded, Is.EqualTo(files.Bytes(path) is [9]));
    }

    [
        TestCase("/a/x", "/a/y", true, WriteOutcome.Created),
        TestCase("/a/x", "/b/y", true, WriteOutcome.Replaced),
        TestCase("/a/x", "/b/y", false, WriteOutcome.Exists)
    ]
    [
        TestCase("/a/x", "/a/x", true, WriteOutcome.Forbidden),
        TestCase("/a", "/a/c", true, WriteOutcome.Forbidden),
        TestCase("/a/x", "/a", true, WriteOutcome.Forbidden)
    ]
    [
        TestCase("/no", "/a/z", true, WriteOutcome.NotFound),
        TestCase("/a/x", "/no/z", true, WriteOutcome.NoParent),
        TestCase("/", "/z", true, WriteOutcome.Forbidden)
    ]
    [TestCase("/a", "/b", true, WriteOutcome.Replaced), TestCase("/a", "/c", false, WriteOutcome.Created)]
    [CancelAfter(60_000)]
    public async Task Move_and_copy(string from, string to, bool overwrite, WriteOutcome outcome, CancellationToken cancellationToken)
    {
        var moved = Trees.Memory("/a/x", "/b/y");
        var copied = Trees.Memory("/a/x", "/b/y");

        var move = await moved.MoveAsync(VirtualPath.Parse(from), VirtualPath.Parse(to), overwrite, cancellationToken);
        var copy = await copied.CopyAsync(VirtualPath.Parse(from), VirtualPath.Parse(to), overwrite, members: true, cancellationToken);

        Assert.That((move.Outcome, copy.Outcome), Is.EqualTo((outcome, outcome)));
        if (move.Succeeded)
        {
            Assert.That(await moved.HasAsync(from, cancellationToken), Is.False);
            Assert.That(await moved.HasAsync(to, cancellationToken), Is.True);
            Assert.That(await copied.HasAsync(from, cancellationToken), Is.True);
            Assert.That(await copied.HasAsync(to, cancellationToken), Is.True);
        }
        else
        {
            Assert.That(await moved.NamesAsync("/a", cancellationToken), Is.EqualTo(new[] { "x" }));
            Assert.That(await moved.NamesAsync("/b", cancellationToken), Is.EqualTo(new[] { "y" }));
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_folder_moves_with_everything_in_it_and_its_properties(CancellationToken cancellationToken)
    {
        var files = Trees.Memory("/a/b/x");
        await files.SetPropertiesAsync(VirtualPath.Parse("/a/b/x"), [new DeadProperty("n", "p", "<p xmlns=\"n\"/>")], cancellationToken);

        await files.MoveAsync(VirtualPath.Parse("/a"), VirtualPath.Parse("/c"), true, cancellationToken);

        Assert.That(files.Bytes("/c/b/x"), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(await files.GetPropertiesAsync(VirtualPath.Parse("/c/b/x"), cancellationToken), Has.Count.EqualTo(1));
        Assert.That(await files.NamesAsync("/", cancellationToken), Is.EqualTo(new[] { "c" }));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_folder_copied_without_members_is_empty(CancellationToken cancellationToken)
    {
        var files = Trees.Memory("/a/x");

        await files.CopyAsync(VirtualPath.Parse("/a"), VirtualPath.Parse("/b"), true, members: false, cancellationToken);

        Assert.That(await files.NamesAsync("/b", cancellationToken), Is.Empty);
    }

    [Test, CancelAfter(60_000)]
    public async Task Properties_are_set_replaced_and_removed(CancellationToken cancellationToken)
    {
        var files = Trees.Memory("/x");
        var path = VirtualPath.Parse("/x");

        await files.SetPropertiesAsync(path, [new DeadProperty("n", "a", "1"), new DeadProperty("n", "b", "2")], cancellationToken);
        await files.SetPropertiesAsync(path, [new DeadProperty("n", "a", "3"), new DeadProperty("n", "b", null)], cancellationToken);

        Assert.That(await files.GetPropertiesAsync(path, cancellationToken), Is.EqualTo(new[] { new DeadProperty("n", "a", "3") }));
    }

    [Test, CancelAfter(60_000)]
    public async Task Space_is_counted_through_every_write(CancellationToken cancellationToken)
    {
        var files = new MemoryFs { Capacity = 10 };
        var content = new MemoryStream(Encoding.ASCII.GetBytes("four"));

        await files.PutAsync(VirtualPath.Parse("/a"), content, cancellationToken);
        await files.CopyAsync(VirtualPath.Parse("/a"), VirtualPath.Parse("/b"), true, true, cancellationToken);
        Assert.That((await files.PutAsync(VirtualPath.Parse("/c"), content, cancellationToken)).Outcome, Is.EqualTo(WriteOutcome.NoSpace));
        Assert.That(
            (await files.CopyAsync(VirtualPath.Parse("/a"), VirtualPath.Parse("/c"), true, true, cancellationToken)).Outcome,
            Is.EqualTo(WriteOutcome.NoSpace)
        );
        Assert.That((await files.PutAsync(VirtualPath.Parse("/b"), content, cancellationToken)).Outcome, Is.EqualTo(WriteOutcome.Replaced));
        Assert.That(await files.GetSpaceAsync(cancellationToken), Is.EqualTo(new Space(8, 2)));
        await files.DeleteAsync(VirtualPath.Parse("/a"), cancellationToken);
        Assert.That(await files.GetSpaceAsync(cancellationToken), Is.EqualTo(new Space(4, 6)));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_write_gives_a_new_tag_and_an_open_reader_keeps_the_old_bytes(CancellationToken cancellationToken)
    {
        var files = Trees.Memory("/x");
        var path = VirtualPath.Parse("/x");
        await using var reader = await files.OpenAsync(path, default, cancellationToken);

        await files.PutAsync(path, new MemoryStream([7, 8]), cancellationToken);

        var bytes = new byte[3];
        Assert.That(await reader!.ReadAsync(bytes, 0, cancellationToken), Is.EqualTo(3));
        Assert.That(bytes, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That((await files.FindAsync(path, cancellationToken))!.ETag, Is.Not.EqualTo(reader.Entry.ETag));
    }
}
