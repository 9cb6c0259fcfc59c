using Distribyted.FileSystem;
using Distribyted.Http.Tests.Wire;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Http.Tests.Files;

/// <summary>A file that is replaced, or removed, after its headers were made and before it is opened. Bytes and headers are of the same file.</summary>
[TestFixture, CancelAfter(60_000)]
public sealed class ChangedFileTests
{
    private static readonly DateTimeOffset Modified = new(2020, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [TestCase("brand new", TestName = "Another length")]
    [TestCase("NEW", TestName = "The same length, other bytes")]
    public async Task A_file_that_changes_is_sent_as_it_is_now(string now, CancellationToken cancellationToken)
    {
        await using var host = await ListenerHost.StartAsync(new ChangingFs(Entry("old", "1"), _ => (Entry(now, "2"), now)));

        var answer = await host.AskAsync("GET /x.txt HTTP/1.1", cancellationToken);

        Assert.That((answer.Status, answer.Text, answer["ETag"]), Is.EqualTo((200, now, "\"2\"")));
    }

    [Test]
    public async Task A_range_of_the_file_that_was_there_is_not_cut_out_of_the_new_one(CancellationToken cancellationToken)
    {
        await using var host = await ListenerHost.StartAsync(
            new ChangingFs(Entry("old film", "1"), _ => (Entry("new film", "2"), "new film"))
        );

        var answer = await host.AskAsync("GET /x.txt HTTP/1.1\nRange: bytes=4-\nIf-Range: \"1\"", cancellationToken);

        Assert.That((answer.Status, answer.Text, answer["Content-Range"]), Is.EqualTo((200, "new film", default(string))));
    }

    [Test]
    public async Task A_file_that_is_removed_is_404(CancellationToken cancellationToken)
    {
        await using var host = await ListenerHost.StartAsync(new ChangingFs(Entry("old", "1"), static _ => null));

        var answer = await host.AskAsync("GET /x.txt HTTP/1.1", cancellationToken);

        Assert.That((answer.Status, answer["Content-Length"], answer["ETag"]), Is.EqualTo((404, "0", default(string))));
    }

    [Test]
    public async Task A_file_that_changes_again_and_again_is_tried_four_times(CancellationToken cancellationToken)
    {
        var files = new ChangingFs(Entry("old", "1"), static time => (Entry("new", $"{time + 2}"), "new"));
        await using var host = await ListenerHost.StartAsync(files);

        var answer = await host.AskAsync("GET /x.txt HTTP/1.1", cancellationToken);

        Assert.That((answer.Status, answer["Retry-After"], answer.Body.Length), Is.EqualTo((503, "10", 0)));
        Assert.That(files.Opened, Is.EqualTo(4));
    }

    // What was found knows the old file; only the path leads to the new one.
    [Test]
    public async Task The_path_is_resolved_again_after_a_change_and_only_then(CancellationToken cancellationToken)
    {
        var files = new ChangingFs(Entry("old", "1"), static time => (Entry("new", time < 1 ? "2" : "3"), "new"));
        await using var host = await ListenerHost.StartAsync(files);

        await host.AskAsync("GET /x.txt HTTP/1.1", cancellationToken);

        Assert.That(files.OpenedAsFound, Is.EqualTo(1));
        Assert.That(files.Opened, Is.EqualTo(3));
    }

    // RFC 9110 section 8.8.2.1: a date in the future is sent as now.
    [TestCase(3600, "Thu, 02 Jan 2020 04:04:05 GMT")]
    [TestCase(-3600, "Thu, 02 Jan 2020 03:04:05 GMT")]
    public async Task A_file_was_never_changed_in_the_future(int clockIsBehind, string expected, CancellationToken cancellationToken)
    {
        var now = Modified.AddHours(2).AddSeconds(-clockIsBehind);
        var entry = Entry("x", "1") with { Modified = Modified.AddHours(clockIsBehind > 0 ? 2 : 0) };
        await using var host = await ListenerHost.StartAsync(new ChangingFs(entry, _ => (entry, "x")), time: new FakeTimeProvider(now));

        var answer = await host.AskAsync("GET /x.txt HTTP/1.1", cancellationToken);

        Assert.That(answer["Last-Modified"], Is.EqualTo(expected));
    }

    [Test]
    public async Task A_file_without_a_tag_has_no_ETag_header(CancellationToken cancellationToken)
    {
        var entry = Entry("x", "");
        await using var host = await ListenerHost.StartAsync(new ChangingFs(entry, _ => (entry, "x")));

        var answer = await host.AskAsync("GET /x.txt HTTP/1.1", cancellationToken);

        Assert.That((answer.Text, answer["ETag"]), Is.EqualTo(("x", default(string))));
    }

    private static FileEntry Entry(string text, string tag)
    {
        return new FileEntry("x.txt", IsDirectory: false, text.Length, Modified, Modified, tag);
    }

    // Every look-up finds the first file; what an opening finds depends on how many there were before.
    private sealed class ChangingFs(FileEntry found, Func<int, (FileEntry Entry, string Text)?> openings) : IFileSystem
    {
        public int Opened { get; private set; }

        public int OpenedAsFound { get; private set; }

        public ValueTask<FileEntry?> FindAsync(VirtualPath path, CancellationToken cancellationToken)
        {
            return ValueTask.FromResult<FileEntry?>(found);
        }

        public ValueTask<FoundEntry?> LocateAsync(VirtualPath path, CancellationToken cancellationToken)
        {
            return ValueTask.FromResult<FoundEntry?>(new Found(this, path, found));
        }

        public ValueTask<DirectoryListing?> ListAsync(VirtualPath path, CancellationToken cancellationToken)
        {
            return ValueTask.FromResult<DirectoryListing?>(null);
        }

        public async ValueTask<FileReader?> OpenAsync(VirtualPath path, ReadIntent intent, CancellationToken cancellationToken)
        {
            if (openings(Opened++) is not var (entry, text))
            {
                return null;
            }

            var files = new MemoryFs();
            files.AddFile("/x.txt", System.Text.Encoding.ASCII.GetBytes(text));
            return new Reader((await files.OpenAsync(path, intent, cancellationToken))!, entry);
        }

        public ValueTask<Space> GetSpaceAsync(CancellationToken cancellationToken)
        {
            return ValueTask.FromResult(default(Space));
        }

        private sealed class Found(ChangingFs files, VirtualPath path, FileEntry entry) : FoundEntry(entry)
        {
            public override ValueTask<FileReader?> OpenAsync(ReadIntent intent, CancellationToken cancellationToken)
            {
                files.OpenedAsFound++;
                return files.OpenAsync(path, intent, cancellationToken);
            }
        }
    }

    private sealed class Reader(FileReader inner, FileEntry entry) : FileReader
    {
        public override FileEntry Entry => entry;

        public override ValueTask<int> ReadAsync(Memory<byte> destination, long offset, CancellationToken cancellationToken)
        {
            return inner.ReadAsync(destination, offset, cancellationToken);
        }

        public override ValueTask DisposeAsync()
        {
            return inner.DisposeAsync();
        }
    }
}
