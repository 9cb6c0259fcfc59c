using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests;

/// <summary>Requests that no handler gets to act on.</summary>
internal sealed class WebDavMiddlewareTests
{
    [TestCase("TRACE /")]
    [TestCase("FROBNICATE /films")]
    [TestCase("SEARCH /")]
    [TestCase("PATCH /films/Sintel.mp4")]
    public async Task Unknown_methods_are_405_and_say_what_is_known(string request)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync(request);

        Assert.That(answer.Status, Is.EqualTo(405));
        Assert.That(answer.Header("Allow"), Does.Contain("PROPFIND"));
    }

    [TestCase("GET /films/../films/Sintel.mp4", 400)]
    [TestCase("GET /a%00b", 400)]
    [TestCase("GET /%zz", 400)]
    [TestCase("DELETE /films/#Sintel.mp4", 400)]
    [TestCase("PUT /inbox/a%0Ab", 403)]
    [TestCase("GET /films/Sintel.mp4/below", 404)]
    public async Task Paths_are_checked_before_anything_is_done(string request, int status)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync(request, [], "")).Status, Is.EqualTo(status));
        Assert.That(server.Store.Bytes("/films/Sintel.mp4"), Is.Not.Null);
    }

    [TestCase("DELETE /films", "Depth: 0", 400)]
    [TestCase("DELETE /films", "Depth: 1", 400)]
    [TestCase("MOVE /films", "Depth: 0", 400)]
    [TestCase("COPY /films", "Depth: 1", 400)]
    [TestCase("COPY /films", "Depth: 0", 201)]
    [TestCase("COPY /films", "Overwrite: X", 400)]
    [TestCase("LOCK /films", "Depth: 1", 400)]
    [TestCase("LOCK /films", "Timeout: Second-5", 400)]
    [TestCase("UNLOCK /films", "X-No: token", 400)]
    [TestCase("UNLOCK /films", "Lock-Token: <<<>>>", 400)]
    [TestCase("UNLOCK /films", "Lock-Token: <urn:uuid:11111111-1111-1111-1111-111111111111>", 409)]
    public async Task Headers_that_make_no_sense_change_nothing(string request, string header, int status)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        Assert.That((await server.AskAsync(request, [header, "Destination: /copy"])).Status, Is.EqualTo(status));
        Assert.That(server.Store.Bytes("/films/Sintel.mp4"), Is.Not.Null);
    }
}
