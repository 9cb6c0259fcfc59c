using Distribyted.Http.Users;
using Distribyted.Testing;
using Distribyted.Web.Api;

namespace Distribyted.Web.Tests.Api;

[TestFixture]
public sealed class FilesApiTests
{
    private readonly MemoryFs _store = new();

    public FilesApiTests()
    {
        _store.AddFile("/films/a.mkv", "0123456789"u8.ToArray());
        _store.AddFile("/music/b.flac", "b"u8.ToArray());
    }

    [TestCase("GET"), TestCase("HEAD"), CancelAfter(60_000)]
    public async Task A_path_is_resolved_once(string method, CancellationToken cancellationToken)
    {
        var counter = new ResolutionCounter(_store);
        await using var bed = await WebBed.StartAsync(cancellationToken, tree: counter);

        var (status, text) = await bed.SendAsync(method, "/fs/films/a.mkv", cancellationToken);

        Assert.That((status, text), Is.EqualTo((200, method == "GET" ? "0123456789" : "")));
        Assert.That(counter.Calls, Is.EqualTo(["locate /films/a.mkv"]));
    }

    [TestCase("/fs/films/a.mkv", 200, "0123456789")]
    [TestCase("/fs/films/nothing", 404, "There is nothing at /films/nothing.")]
    [TestCase("/fs/films/a.mkv/below", 404, "There is nothing at")]
    [TestCase("/fs/films%2Fa.mkv", 400, "not a path of the tree")]
    [TestCase("/fs/", 200, "films/")]
    [TestCase("/fs", 200, "films/")]
    [CancelAfter(60_000)]
    public async Task Files_folders_and_mistakes(string address, int status, string part, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, tree: _store);

        var answer = await bed.SendAsync("GET", address, cancellationToken);

        Assert.That(answer.Status, Is.EqualTo(status), answer.Text);
        Assert.That(answer.Text, Does.Contain(part));
    }

    [TestCase("PUT"), TestCase("DELETE"), TestCase("POST"), CancelAfter(60_000)]
    public async Task Nothing_is_written_here(string method, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, tree: _store);

        Assert.That((await bed.SendAsync(method, "/fs/films/a.mkv", cancellationToken)).Status, Is.EqualTo(405));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_user_of_some_routes_sees_those(CancellationToken cancellationToken)
    {
        var user = HttpUser.Create("anna", "secret", UserRights.Read, ["films"]);
        await using var bed = await WebBed.StartAsync(cancellationToken, user: user, tree: _store);

        Assert.That((await bed.SendAsync("GET", "/fs/films/a.mkv", cancellationToken)).Status, Is.EqualTo(200));
        Assert.That((await bed.SendAsync("GET", "/fs/music/b.flac", cancellationToken)).Status, Is.EqualTo(404));
        Assert.That((await bed.SendAsync("GET", "/fs/", cancellationToken)).Text, Does.Not.Contain("music"));
    }

    [Test, CancelAfter(60_000)]
    public async Task It_can_be_turned_off(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, new WebOptions { HttpFs = false }, tree: _store);

        var (status, text) = await bed.SendAsync("GET", "/fs/films/a.mkv", cancellationToken);

        Assert.That(status, Is.EqualTo(404));
        Assert.That(text, Does.Contain("http.httpfs"));
    }
}
