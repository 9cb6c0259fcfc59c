using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests.Handlers;

/// <summary>COPY and MOVE.</summary>
internal sealed class CopyMoveHandlerTests
{
    [TestCase(null, 400)]
    [TestCase("::::", 400)]
    [TestCase("/%zz", 400)]
    [TestCase("http://other.example/x", 502)]
    [TestCase("/films/Sintel.mp4", 403)]
    [TestCase("/films", 403)]
    [TestCase("/nothing/here/x", 409)]
    [TestCase("/inbox/x", 201)]
    [TestCase("/music/Bj%C3%B6rk%20%26%20Co/01%2050%25%20%2B%20more%3F.flac", 204)]
    public async Task A_move_goes_where_it_may(string? destination, int status)
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);

        var answer = await server.AskAsync("MOVE /films/Sintel.mp4", destination is null ? [] : ["Destination: " + destination]);

        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(server.Store.Bytes("/films/Sintel.mp4") is null, Is.EqualTo(status < 300));
    }

    [Test]
    public async Task Locks_do_not_move_and_end_with_what_they_lock()
    {
        await using var server = await DavServer.StartAsync(Tree.Fill);
        var token = await server.LockAsync("/films/Sintel.mp4", "0", "Second-60");

        Assert.That((await server.AskAsync("MOVE /films/Sintel.mp4", ["Destination: /inbox/s", $"If: ({token})"])).Status, Is.EqualTo(201));
        Assert.That((await server.AskAsync("PUT /inbox/s", [], "x")).Status, Is.EqualTo(204));
        Assert.That((await server.AskAsync("PUT /films/Sintel.mp4", [], "x")).Status, Is.EqualTo(201));
    }
}
