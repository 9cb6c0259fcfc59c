using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests.Handlers;

/// <summary>DELETE.</summary>
internal sealed class DeleteHandlerTests
{
    [Test]
    public async Task A_locked_member_keeps_its_folder_whole()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        await server.LockAsync("/films/Sintel.mp4", "0", "Second-60");

        var answer = await server.AskAsync("DELETE /films");

        Assert.That(answer.Status, Is.EqualTo(207));
        Assert.That(answer.Hrefs.Single(), Is.EqualTo("/films/Sintel.mp4"));
        Assert.That(answer.Text, Does.Contain("423 Locked"));
        Assert.That(server.Store.Bytes("/films/Big Buck Bunny (2008)/cover.jpg"), Is.Not.Null);
    }
}
