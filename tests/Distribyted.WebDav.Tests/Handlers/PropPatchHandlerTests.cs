using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests.Handlers;

/// <summary>PROPPATCH.</summary>
internal sealed class PropPatchHandlerTests
{
    [Test]
    public async Task Properties_change_all_or_none()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        const string Mixed =
            "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><a xmlns='urn:t'>1</a><D:getetag>x</D:getetag></D:prop></D:set></D:propertyupdate>";
        const string Good =
            "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><a xmlns='urn:t'>v &amp; w</a></D:prop></D:set></D:propertyupdate>";
        const string Ask = "<D:propfind xmlns:D='DAV:'><D:prop><a xmlns='urn:t'/><D:getcontentlength/></D:prop></D:propfind>";

        var mixed = await server.AskAsync("PROPPATCH /films/Sintel.mp4", [], Mixed);
        Assert.That((mixed.Property("a", "urn:t")?.Status, mixed.Property("getetag")?.Status), Is.EqualTo((424, 403)));
        Assert.That(mixed.Text, Does.Contain("<D:cannot-modify-protected-property/>"));
        Assert.That(
            (await server.AskAsync("PROPFIND /films/Sintel.mp4", ["Depth: 0"], Ask)).Property("a", "urn:t")?.Status,
            Is.EqualTo(404)
        );

        await server.AskAsync("PROPPATCH /films/Sintel.mp4", [], Good);
        var listed = await server.AskAsync("PROPFIND /films", ["Depth: 1"], Ask);
        Assert.That(listed.Property("a", "urn:t", response: 2), Is.EqualTo((200, "v & w")));
        Assert.That(listed.Property("a", "urn:t", response: 1)?.Status, Is.EqualTo(404));
        Assert.That((await server.AskAsync("PROPFIND /films/Sintel.mp4", ["Depth: 0"])).Property("a", "urn:t")?.Value, Is.EqualTo("v & w"));
    }
}
