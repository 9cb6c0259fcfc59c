using System.IO.Pipelines;
using System.Text;
using System.Xml.Linq;
using CsCheck;
using Distribyted.FileSystem;
using Distribyted.WebDav.Xml;

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
                    var (measured, written) = await WriteAsync("/" + path, self, DirectoryListing.From(members));

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

    private static async Task<(long Measured, byte[] Written)> WriteAsync(string path, FileEntry self, DirectoryListing members)
    {
        var space = new Space(5, 6);
        var writer = new MultiStatusWriter(
            path,
            self,
            EntryTemplate.Build(Everything, isDirectory: false, space, []),
            EntryTemplate.Build(
                Everything,
                isDirectory: true,
                space,
                [new DeadProperty("urn:d", "dead", "<dead xmlns=\"urn:d\">1</dead>")]
            ),
            ActiveLocks.None,
            DateTimeOffset.MaxValue
        );
        using var stream = new MemoryStream();
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await writer.WriteAsync(pipe, self, members, null, CancellationToken.None);
        await pipe.CompleteAsync();
        return (writer.Measure(self, members, null), stream.ToArray());
    }
}
