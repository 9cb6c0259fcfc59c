using System.IO.Pipelines;
using System.Text;
using System.Xml.Linq;
using CsCheck;
using Distribyted.FileSystem;
using Distribyted.WebDav.Xml;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Distribyted.WebDav.Tests.Xml;

internal sealed class MultiStatusWriterTests
{
    private static readonly PropFindRequest Everything = new(
        PropFindKind.AllProp,
        [
            new DavName("DAV:", "iscollection"),
            new DavName("DAV:", "quota-used-bytes"),
            new DavName("urn:none", "nothing"),
            new DavName("", "plain"),
        ]
    );

    private static readonly Gen<FileEntry> Entries =
        from name in Gen.String[0, 40]
        from isDirectory in Gen.Bool
        from length in Gen.Long[0, long.MaxValue]
        from seconds in Gen.Long[0, 253_402_300_799]
        from etag in Gen.String[0, 20]
        select new FileEntry(
            name,
            isDirectory,
            length,
            DateTimeOffset.FromUnixTimeSeconds(seconds),
            DateTimeOffset.FromUnixTimeSeconds(seconds),
            etag
        );

    [Test]
    public async Task What_was_measured_is_what_is_written_and_is_well_formed()
    {
        await Gen.Select(Entries, Entries.Array[0, 20], Gen.String[0, 30])
            .SampleAsync(
                async (self, members, path) =>
                {
                    var (measured, written) = await WriteAsync(
                        "/" + path,
                        self,
                        DirectoryListing.From(members),
                        members.Length % 2 == 0 ? 9000 : AnswerBuffer.Large
                    );

                    Assert.That(written, Has.Length.EqualTo(measured));
                    Assert.That(XDocument.Parse(Encoding.UTF8.GetString(written)).Root!.Elements().Count(), Is.EqualTo(members.Length + 1));
                },
                iter: 500
            );
    }

    [Test]
    public async Task Values_are_those_of_the_entry()
    {
        var time = new DateTimeOffset(2008, 5, 20, 1, 2, 3, TimeSpan.Zero);
        var file = new FileEntry("a <&> b\u0001.mkv", false, 1234567890123, time, time.AddHours(1), "tag");

        var (_, written) = await WriteAsync("/x", file, DirectoryListing.Empty);

        var text = Encoding.UTF8.GetString(written);
        Assert.That(text, Does.Contain("<D:displayname>a &lt;&amp;&gt; b\uFFFD.mkv</D:displayname>"));
        Assert.That(text, Does.Contain("<D:getcontentlength>1234567890123</D:getcontentlength>"));
        Assert.That(text, Does.Contain("<D:getlastmodified>Tue, 20 May 2008 02:02:03 GMT</D:getlastmodified>"));
        Assert.That(text, Does.Contain("<D:creationdate>2008-05-20T01:02:03Z</D:creationdate>"));
        Assert.That(text, Does.Contain("<D:getetag>\"tag\"</D:getetag>"));
    }

    [Test]
    public async Task Ten_thousand_entries_cost_no_more_memory_than_ten([Values(AnswerBuffer.Large, AnswerBuffer.Small)] int memory)
    {
        var few = Many(10);
        var many = Many(10_000);
        await CostAsync(many, memory); // whatever is made once is made here

        var (ofFew, _) = await CostAsync(few, memory);
        var (ofMany, mostPending) = await CostAsync(many, memory);

        Assert.That(ofMany, Is.EqualTo(ofFew).Within(16), "but for the digits of the length");
        Assert.That(mostPending, Is.LessThanOrEqualTo(64 * 1024));
    }

    private static DirectoryListing Many(int count)
    {
        var time = DateTimeOffset.UnixEpoch;
        return DirectoryListing.From(
            Enumerable
                .Range(0, count)
                .Select(i => new FileEntry($"Ünder & über {i:00000}.mkv", i % 5 == 0, i * 1000L, time, time, $"tag-{i}"))
        );
    }

    // Everything completes at once, so all of it happens on this thread.
    private static async Task<(long Allocated, int MostPending)> CostAsync(DirectoryListing members, int memory)
    {
        var self = new FileEntry("x", true, 0, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, "");
        var body = new CountingBody();
        var response = Response(body);
        var writer = Writer("/x/", self, null);

        var before = GC.GetAllocatedBytesForCurrentThread();
        await writer.SendAsync(response, members, memory, CancellationToken.None);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(response.ContentLength, Is.GreaterThan(members.Count * 100));
        Assert.That(body.Written, Is.EqualTo(response.ContentLength));
        return (allocated, body.MostPending);
    }

    private static async Task<(long Measured, byte[] Written)> WriteAsync(
        string path,
        FileEntry self,
        DirectoryListing members,
        int memory = AnswerBuffer.Large
    )
    {
        var writer = Writer(path, self, members.Count > 0 ? members[0].Name : null);
        using var stream = new MemoryStream();
        var response = Response(new StreamResponseBodyFeature(stream));
        await writer.SendAsync(response, members, memory, CancellationToken.None);
        return (response.ContentLength!.Value, stream.ToArray());
    }

    private static HttpResponse Response(IHttpResponseBodyFeature body)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(body);
        return context.Response;
    }

    private static MultiStatusWriter Writer(string path, FileEntry self, string? special)
    {
        var space = new Space(5, 6);
        var files = EntryTemplate.Build(Everything, isDirectory: false, space, []);
        var folders = EntryTemplate.Build(Everything, isDirectory: true, space, []);
        var left = EntryTemplate.Build(Everything, isDirectory: true, space, [new("urn:d", "dead", "<dead xmlns=\"urn:d\">1</dead>")]);
        return new MultiStatusWriter(
            path,
            self,
            self.IsDirectory ? folders : files,
            files,
            folders,
            special is null ? null : new(StringComparer.Ordinal) { [special] = left },
            ActiveLocks.None,
            DateTimeOffset.MaxValue
        );
    }

    /// <summary>Counts what is written and not yet flushed, and keeps nothing.</summary>
    private sealed class CountingBody : PipeWriter, IHttpResponseBodyFeature
    {
        private readonly byte[] _memory = new byte[512 * 1024];
        private int _pending;

        public int MostPending { get; private set; }

        public long Written { get; private set; }

        public Stream Stream => Stream.Null;

        public PipeWriter Writer => this;

        public void DisableBuffering() { }

        public Task StartAsync(CancellationToken cancellationToken = default)
        {
            return Task.CompletedTask;
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
        {
            throw new NotSupportedException();
        }

        public Task CompleteAsync()
        {
            return Task.CompletedTask;
        }

        public override Memory<byte> GetMemory(int sizeHint = 0)
        {
            return _memory;
        }

        public override Span<byte> GetSpan(int sizeHint = 0)
        {
            return _memory;
        }

        public override void Advance(int bytes)
        {
            _pending += bytes;
            Written += bytes;
            MostPending = Math.Max(MostPending, _pending);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            _pending = 0;
            return ValueTask.FromResult(default(FlushResult));
        }

        public override void CancelPendingFlush() { }

        public override void Complete(Exception? exception = null) { }
    }
}
