using Distribyted.FileSystem;
using Distribyted.WebDav.Tests.Conversations;

namespace Distribyted.WebDav.Tests.Writing;

/// <summary>What became of a write, as a status.</summary>
internal sealed class WriteStatusTests
{
    [TestCase(WriteOutcome.Created, 201)]
    [TestCase(WriteOutcome.Replaced, 204)]
    [TestCase(WriteOutcome.Done, 204)]
    [TestCase(WriteOutcome.NotFound, 404)]
    [TestCase(WriteOutcome.NoParent, 409)]
    [TestCase(WriteOutcome.Exists, 405)]
    [TestCase(WriteOutcome.IsADirectory, 405)]
    [TestCase(WriteOutcome.Forbidden, 403)]
    [TestCase(WriteOutcome.Unsupported, 415)]
    [TestCase(WriteOutcome.Invalid, 422)]
    [TestCase(WriteOutcome.TooLarge, 413)]
    [TestCase(WriteOutcome.NoSpace, 507)]
    public async Task Every_outcome_has_its_status(WriteOutcome outcome, int status)
    {
        await using var server = await DavServer.StartAsync(
            Tree.Fill,
            tree: store => new RefusingFs(store, new WriteResult(outcome), refusesBeforeBody: false)
        );

        var answer = await server.AskAsync("PUT /inbox/x", [], "x");

        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Header("Allow") is not null, Is.EqualTo(status == 405));
    }
}
