using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests.Writing;

/// <summary>Conditions and locks before a write.</summary>
internal sealed class WriteConditionsTests
{
    [TestCase("Content-Range: bytes 0-1/10", 400)]
    [TestCase("Content-Encoding: gzip", 415)]
    [TestCase("If-Match: \"other\"", 412)]
    [TestCase("If-None-Match: *", 412)]
    [TestCase("If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT", 412)]
    [TestCase("If: (<DAV:no-lock>)", 412)]
    [TestCase("If: ([\"other\"])", 412)]
    [TestCase("If: (", 400)]
    public async Task A_put_that_may_not_be_leaves_the_file(string header, int status)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [header], "new")).Status, Is.EqualTo(status));
        Assert.That(server.Store.Bytes("/films/Sintel.mp4"), Is.EqualTo(Tree.Content(120_000)));
    }

    [TestCase("LOCK /", Bodies.Exclusive, 403)]
    [TestCase("LOCK /films", Bodies.Exclusive, 403)]
    [TestCase("LOCK /films/Sintel.mp4", Bodies.Exclusive, 403)]
    [TestCase("LOCK /music", Bodies.Exclusive, 200)]
    [TestCase("DELETE /", null, 403)]
    [TestCase("DELETE /films/Sintel.mp4", null, 404)]
    [TestCase("PUT /films/Sintel.mp4", "x", 403)]
    [TestCase("MKCOL /films/Sintel.mp4", null, 403)]
    [TestCase("MOVE /music/Bj%C3%B6rk%20%26%20Co", null, 403)]
    [TestCase("COPY /music/Bj%C3%B6rk%20%26%20Co", null, 403)]
    [TestCase("PROPPATCH /", Bodies.Labelled, 207)]
    public async Task Nothing_is_locked_or_said_of_locks_outside_of_what_a_user_may_change(string request, string? body, int status)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill, nanny: "/music");
        await server.LockAsync("/films/Sintel.mp4", "0", "Second-60");

        var answer = await server.AskAsync(request, ["X-User: nanny", "Destination: /films/Sintel.mp4"], body);

        Assert.That(answer.Status, Is.EqualTo(status), answer.Text);
        Assert.That(answer.Text, Does.Not.Contain("<D:href>/films/Sintel"));
    }
}
