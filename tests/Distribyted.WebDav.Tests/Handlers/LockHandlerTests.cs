using Distribyted.WebDav.Locks;
using Distribyted.WebDav.Tests.Conversations;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.WebDav.Tests.Handlers;

/// <summary>LOCK and UNLOCK: whom a lock holds off, for how long, and what opens it.</summary>
internal sealed class LockHandlerTests
{
    [Test]
    public async Task A_lock_holds_others_off_until_it_ends()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var server = await DavServer.StartAsync(Tree.Fill, time: time);
        var locked = await server.LockAsync("/films", "infinity", "Second-60");

        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [], "x")).Status, Is.EqualTo(423));
        Assert.That((await server.AskAsync("DELETE /films/Sintel.mp4")).Status, Is.EqualTo(423));
        Assert.That((await server.AskAsync("MKCOL /films/new")).Status, Is.EqualTo(423));
        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [$"If: </films> ({locked})"], "x")).Status, Is.EqualTo(204));
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [], "y")).Status, Is.EqualTo(204));
    }

    [Test]
    public async Task A_token_opens_only_for_the_user_who_made_it()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        var token = await server.LockAsync("/films/Sintel.mp4", "0", "Second-60", "X-User: anna");

        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [$"If: ({token})", "X-User: ben"], "x")).Status, Is.EqualTo(423));
        Assert.That((await server.AskAsync("UNLOCK /films/Sintel.mp4", [$"Lock-Token: {token}", "X-User: ben"])).Status, Is.EqualTo(403));
        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [$"If: ({token})", "X-User: anna"], "x")).Status, Is.EqualTo(204));
        Assert.That(
            (await server.AskAsync("UNLOCK /films/Sintel.mp4", [$"Lock-Token: {token.Trim('<', '>')}", "X-User: anna"])).Status,
            Is.EqualTo(204)
        );
    }

    [TestCase("PUT /Se%CC%81ries/x")]
    [TestCase("PUT /S%C3%A9ries/x")]
    [TestCase("DELETE /Se%CC%81ries/x")]
    public async Task A_lock_holds_under_every_spelling_of_its_folder(string request)
    {
        await using var server = await DavServer.StartAsync(store => store.AddFile("/S\u00e9ries/x", Tree.Content(1)));
        var token = await server.LockAsync("/S%C3%A9ries/x", "0", "Second-60");

        var locked = await server.AskAsync(request, [], "new");
        var listed = await server.AskAsync("PROPFIND /Se%CC%81ries", ["Depth: 1"]);
        var opened = await server.AskAsync(request, [$"If: </Se%CC%81ries/x> ({token})"], "new");

        Assert.That(locked.Status, Is.EqualTo(423));
        Assert.That(listed.Property("lockdiscovery", response: 1)?.Value, Does.Contain(token.Trim('<', '>')));
        Assert.That(opened.Status, Is.EqualTo(204));
    }

    [Test]
    public async Task Who_gets_no_lock_for_now_is_told_when_to_come_back()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        for (var i = 0; i < LockTable.MaxLocksOfRoot; i++)
        {
            Assert.That((await server.AskAsync("LOCK /films", [], Bodies.Shared)).Status, Is.EqualTo(200));
        }

        var answer = await server.AskAsync("LOCK /films", [], Bodies.Shared);

        Assert.That((answer.Status, answer.Header("Retry-After")), Is.EqualTo((503, "60")));
    }

    [Test]
    public async Task Of_many_who_want_a_lock_one_gets_it()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => server.AskAsync("LOCK /inbox/x", [], Bodies.Exclusive)));

        Assert.That(answers.Count(answer => answer.Status == 201), Is.EqualTo(1));
        Assert.That(answers.Count(answer => answer.Status == 423), Is.EqualTo(11));
    }
}
