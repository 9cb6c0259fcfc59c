using System.Text;
using Distribyted.WebDav.Requests;
using Distribyted.WebDav.Tests.Conversations;
using Distribyted.WebDav.Writing;

namespace Distribyted.WebDav.Tests.Writing;

/// <summary>Bodies of uploads, in memory and on disk.</summary>
internal sealed class SpoolTests
{
    private string _uploads = "";

    [SetUp]
    public void NameFolder()
    {
        _uploads = Path.Combine(Path.GetTempPath(), "distribyted-test-" + Guid.NewGuid().ToString("N"));
    }

    [TearDown]
    public void RemoveFolder()
    {
        if (Directory.Exists(_uploads))
        {
            Directory.Delete(_uploads, recursive: true);
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(Spool.MaxInMemory)]
    [TestCase(Spool.MaxInMemory + 1)]
    public async Task Uploads_arrive_whole_wherever_they_wait(int length)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync("PUT /inbox/x", [], Tree.Content(length));

        Assert.That(answer.Status, Is.EqualTo(201));
        Assert.That(server.Store.Bytes("/inbox/x"), Is.EqualTo(Tree.Content(length)));
        Assert.That((await server.AskAsync("HEAD /inbox/x")).Header("ETag"), Is.EqualTo(answer.Header("ETag")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task An_upload_over_the_limit_is_413(bool chunked)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill, maxUpload: 10);

        var answer = chunked
            ? await server.AskAsync("PUT /inbox/x", ["Transfer-Encoding: chunked"], "b\r\n01234567890\r\n0\r\n\r\n")
            : await server.AskAsync("PUT /inbox/x", [], "01234567890");

        Assert.That(answer.Status, Is.EqualTo(413));
        Assert.That(server.Store.Bytes("/inbox/x"), Is.Null);
    }

    [Test]
    public async Task An_upload_that_cannot_wait_on_disk_is_507()
    {
        const string NoFolder = "/dev/null/uploads";
        await using var server = await DavServer.StartAsync(Tree.Fill, new WebDavOptions { SpoolFolder = NoFolder });

        Assert.That((await server.AskAsync("PUT /inbox/x", [], Tree.Content(Spool.MaxInMemory + 1))).Status, Is.EqualTo(507));
        Assert.That((await server.AskAsync("PUT /inbox/x", [], Tree.Content(Spool.MaxInMemory))).Status, Is.EqualTo(201));
    }

    [Test]
    public async Task An_upload_that_the_disk_has_no_space_for_is_507_and_gives_back_what_it_set_aside()
    {
        var budget = new CountingBudget(most: Spool.MaxInMemory + 2);
        await using var server = await DavServer.StartAsync(Tree.Fill, new WebDavOptions { SpoolFolder = _uploads }, budget: budget);

        Assert.That((await server.AskAsync("PUT /inbox/x", [], Tree.Content(Spool.MaxInMemory + 3))).Status, Is.EqualTo(507));
        Assert.That((await server.AskAsync("PUT /inbox/x", [], Tree.Content(Spool.MaxInMemory + 2))).Status, Is.EqualTo(201));
        Assert.That(budget.Reserved, Is.Zero);
        Assert.That(Directory.EnumerateFiles(_uploads), Is.Empty, "made when it was needed, and empty");
    }

    [Test]
    public async Task An_upload_that_is_torn_off_leaves_what_was_there()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        using (var socket = await server.ConnectAsync())
        {
            await socket.SendAsync(
                Encoding.ASCII.GetBytes("PUT /films/Sintel.mp4 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\ntorn")
            );
        }

        Assert.That((await server.AskAsync("GET /films/Sintel.mp4")).Body, Is.EqualTo(Tree.Content(120_000)));
    }
}
