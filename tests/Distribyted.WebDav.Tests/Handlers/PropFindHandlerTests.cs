using Distribyted.FileSystem;
using Distribyted.Testing;
using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests.Handlers;

/// <summary>PROPFIND.</summary>
internal sealed class PropFindHandlerTests
{
    [TestCase("PROPFIND /films", "Depth: infinity")]
    [TestCase("PROPFIND /films", "X-No: depth")]
    public async Task Folders_are_not_listed_to_the_bottom(string request, string header)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync(request, [header]);

        Assert.That(answer.Status, Is.EqualTo(403));
        Assert.That(answer.Xml.Element(Answer.Dav + "propfind-finite-depth"), Is.Not.Null);
    }

    [Test, CancelAfter(30_000)]
    public async Task A_path_that_is_pending_is_waited_for()
    {
        var ready = new TaskCompletionSource();
        await using var server = await DavServer.StartAsync(Tree.Fill, tree: store => new PendingFs(store, ready.Task));

        var asking = server.AskAsync("PROPFIND /films", ["Depth: 1"]);
        ready.SetResult();

        Assert.That((await asking).Hrefs, Does.Contain("/films/Sintel.mp4"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_path_that_is_pending_for_long_is_to_be_asked_for_again(CancellationToken cancellationToken)
    {
        var clock = new SettableClock();
        await using var server = await DavServer.StartAsync(
            Tree.Fill,
            time: clock,
            tree: store => new PendingFs(store, new TaskCompletionSource().Task)
        );

        var asking = server.AskAsync("PROPFIND /films/Sintel.mp4", ["Depth: 0"]);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!asking.IsCompleted)
        {
            await tick.WaitForNextTickAsync(cancellationToken);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        var answer = await asking;
        Assert.That((answer.Status, answer.Header("Retry-After")), Is.EqualTo((503, "10")));
        Assert.That(answer.Text, Does.Contain("It is pending."));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_path_in_what_turns_out_to_be_damaged_is_not_there()
    {
        var damaged = Task.FromException(new FileSystemException(FileSystemFailure.Corrupt, "It is damaged."));
        await using var server = await DavServer.StartAsync(Tree.Fill, tree: store => new PendingFs(store, damaged));

        var answer = await server.AskAsync("PROPFIND /films/Sintel.mp4", ["Depth: 1"]);

        Assert.That(answer.Status, Is.EqualTo(404));
    }

    [Test]
    public async Task Properties_that_clients_left_are_in_the_listing_of_their_folder()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        await server.AskAsync("PROPPATCH /films/Sintel.mp4", [], Bodies.Labelled);
        await server.AskAsync("PROPPATCH /films", [], Bodies.Labelled);

        var everything = await server.AskAsync("PROPFIND /films", ["Depth: 1"]);
        var asked = await server.AskAsync(
            "PROPFIND /films",
            ["Depth: 1"],
            "<D:propfind xmlns:D=\"DAV:\"><D:prop><label xmlns=\"urn:x\"/></D:prop></D:propfind>"
        );

        foreach (var answer in (Answer[])[everything, asked])
        {
            Assert.That(answer.Hrefs, Is.EqualTo(new[] { "/films/", "/films/Big%20Buck%20Bunny%20%282008%29/", "/films/Sintel.mp4" }));
            Assert.That(answer.Property("label", "urn:x", response: 0), Is.EqualTo((200, "mine")));
            Assert.That(answer.Property("label", "urn:x", response: 2), Is.EqualTo((200, "mine")));
        }

        Assert.That(everything.Property("label", "urn:x", response: 1), Is.Null);
        Assert.That(asked.Property("label", "urn:x", response: 1)?.Status, Is.EqualTo(404));
    }

    [Test]
    public async Task A_listing_has_the_locks_of_each_member_and_those_from_above()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        var above = (await server.AskAsync("LOCK /films", ["Depth: infinity"], Bodies.Shared)).Header("Lock-Token")!.Trim('<', '>');
        var own = (await server.AskAsync("LOCK /films/Sintel.mp4", ["Depth: 0"], Bodies.Shared)).Header("Lock-Token")!.Trim('<', '>');

        var listed = await server.AskAsync("PROPFIND /films", ["Depth: 1"]);

        foreach (var (response, hasOwn) in ((int, bool)[])[(0, false), (1, false), (2, true)])
        {
            var locks = listed.Property("lockdiscovery", response: response)?.Value;
            Assert.That(locks, Does.Contain(above));
            Assert.That(locks!.Contains(own, StringComparison.Ordinal), Is.EqualTo(hasOwn), listed.Hrefs[response]);
        }
    }
}
