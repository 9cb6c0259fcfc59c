using Distribyted.FileSystem;
using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests.Requests;

/// <summary>What handlers know of a request.</summary>
internal sealed class WebDavRequestTests
{
    [TestCase("PUT /inbox/x")]
    [TestCase("MKCOL /inbox/x")]
    [TestCase("DELETE /films")]
    [TestCase("MOVE /films")]
    [TestCase("COPY /films")]
    [TestCase("LOCK /films")]
    [TestCase("UNLOCK /films")]
    public async Task Who_may_only_read_is_told_so(string request)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill, tree: store => new ScopedFs(store, PathScope.All));

        var answer = await server.AskAsync(request, ["Destination: /other"], "");

        Assert.That(answer.Status, Is.EqualTo(403));
        Assert.That(answer.Xml.Name, Is.EqualTo(Answer.Dav + "error"));
        Assert.That(answer.Xml.Value, Is.EqualTo("You may read here, not write."));
    }
}
