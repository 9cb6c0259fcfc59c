using Distribyted.FileSystem;
using Distribyted.Testing;

namespace Distribyted.WebDav.Tests.Handlers;

[TestFixture]
public sealed class GetHandlerTests
{
    [TestCase("GET", ""), TestCase("HEAD", ""), TestCase("GET", "Range: bytes=1-2"), TestCase("GET", "Range: bytes=99-")]
    public async Task A_path_is_resolved_once(string method, string header)
    {
        ResolutionCounter counter = null!;
        await using var server = await DavServer.StartAsync(Fill, tree: store => counter = new ResolutionCounter(store));

        await server.AskAsync($"{method} /films/a.mkv", header.Length > 0 ? [header] : null);

        Assert.That(counter.Calls, Is.EqualTo(["locate /films/a.mkv"]));
    }

    [Test]
    public async Task A_file_that_is_removed_before_it_is_opened_is_404()
    {
        await using var server = await DavServer.StartAsync(
            Fill,
            tree: store => new ResolutionCounter(store)
            {
                Located = () => store.DeleteAsync(VirtualPath.Parse("/films/a.mkv"), CancellationToken.None),
            }
        );

        var answer = await server.AskAsync("GET /films/a.mkv");

        Assert.That((answer.Status, answer.Body.Length), Is.EqualTo((404, 0)));
    }

    private static void Fill(MemoryFs store)
    {
        store.AddFile("/films/a.mkv", "0123456789"u8.ToArray());
    }
}
