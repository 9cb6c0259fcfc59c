using System.Net.Http.Json;
using System.Text.Json;

namespace Distribyted.Tests.Hosting;

/// <summary>What helps to connect a device, asked of the real daemon.</summary>
[CancelAfter(60_000)]
internal sealed class ConnectTests
{
    [Test]
    public async Task The_self_check_finds_all_well_over_a_file(CancellationToken cancellationToken)
    {
        await using var torrent = new SharedArchives("A folder", [("a film.mkv", new byte[300_000])]);
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        await torrent.AddAsync(bed, "films", cancellationToken);

        var items = await CheckAsync(bed, cancellationToken);

        Assert.That(
            items.Select(i => (i.Name, i.Outcome)),
            Is.EqualTo(new[] { "Sign-in", "WebDAV", "Folders", "ETag", "Ranges" }.Select(n => (n, "Good"))),
            Text(items)
        );
        Assert.That(items[0].Sentence, Does.Contain("anna can sign in with Digest"));
        Assert.That(items[2].Sentence, Does.Contain("1 entry."));
        Assert.That(items[4].Sentence, Does.Match("The first byte of “a film.mkv” came after [0-9]+ ms"));
    }

    [TestCase("", "Without a password nothing is shown", "Good")]
    [TestCase("auth: {digest: false}", "Only Basic is offered", "Notice")]
    [TestCase("auth: {trust_loopback: true}", "Programs on this machine need no password", "Notice")]
    public async Task What_the_configuration_says_is_told(string more, string sentence, string outcome, CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(more, cancellationToken: cancellationToken);

        var items = await CheckAsync(bed, cancellationToken);

        Assert.That(items[0].Sentence, Does.Contain(sentence), Text(items));
        Assert.That(items[0].Outcome, Is.EqualTo(outcome));
        Assert.That(items.Select(i => i.Outcome), Has.None.EqualTo("Bad"), Text(items));
    }

    [Test]
    public async Task Over_TLS_alone_it_works_as_well(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            webdav: "{port: -1, tls_port: 0, ip: 127.0.0.1, user: anna, pass: a long one}",
            cancellationToken: cancellationToken
        );

        var items = await CheckAsync(bed, cancellationToken);

        Assert.That(items.Select(i => i.Outcome), Is.EqualTo(["Good", "Good", "Good", "Skipped", "Skipped"]), Text(items));
    }

    [Test]
    public async Task The_check_reads_one_piece_and_is_no_client(CancellationToken cancellationToken)
    {
        await using var torrent = new SharedArchives("A folder", [("a film.mkv", new byte[3_000_000])]);
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        await torrent.AddAsync(bed, "films", cancellationToken);

        await CheckAsync(bed, cancellationToken);
        using var clients = await GetAsync(bed, "api/v1/connect/clients", cancellationToken);

        Assert.That(clients.RootElement.GetProperty("items").GetArrayLength(), Is.Zero);
        Assert.That(torrent.Fetched, Is.EqualTo(1));
    }

    [Test]
    public async Task What_a_client_asked_is_told_with_its_mistake(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        using (var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), new Uri(bed.Dav, "films")))
        using (var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }))
        {
            request.Headers.TryAddWithoutValidation("User-Agent", "Microsoft-WebDAV-MiniRedir/10.0.19045");
            using var answer = await client.SendAsync(request, cancellationToken);
        }

        using var clients = await GetAsync(bed, "api/v1/connect/clients", cancellationToken);

        var item = clients
            .RootElement.GetProperty("items")
            .EnumerateArray()
            .Single(i => i.GetProperty("kind").GetString() == "WindowsExplorer");
        var asked = item.GetProperty("requests")[0];
        Assert.That(item.GetProperty("mistake").GetString(), Does.Contain("BasicAuthLevel"));
        Assert.That(
            (asked.GetProperty("method").GetString(), asked.GetProperty("target").GetString(), asked.GetProperty("status").GetInt32()),
            Is.EqualTo(("PROPFIND", "/films", 401))
        );
    }

    [Test]
    public async Task Recipes_and_files_have_the_real_address_and_the_users_name(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);

        using var connect = await GetAsync(bed, "api/v1/connect", cancellationToken);
        var rclone = await bed.Client.GetStringAsync(new Uri(bed.Web, "api/v1/connect/rclone.conf"), cancellationToken);
        using var registry = await bed.Client.GetAsync(new Uri(bed.Web, "api/v1/connect/distribyted-webdav.reg"), cancellationToken);

        Assert.That(connect.RootElement.GetProperty("webDav")[0].GetString(), Is.EqualTo(bed.Dav.AbsoluteUri));
        Assert.That(connect.RootElement.GetProperty("recipes").GetArrayLength(), Is.EqualTo(10));
        Assert.That(rclone, Does.Contain($"url = {bed.Dav}\n").And.Contain("user = anna\n").And.Not.Contain("a long one"));
        Assert.That(registry.Content.Headers.ContentDisposition?.FileName, Is.EqualTo("distribyted-webdav.reg"));
    }

    private static async Task<CheckItem[]> CheckAsync(DaemonBed bed, CancellationToken cancellationToken)
    {
        var check = await bed.Client.GetFromJsonAsync<Check>(new Uri(bed.Web, "api/v1/connect/check"), cancellationToken);
        return check!.Items;
    }

    private static async Task<JsonDocument> GetAsync(DaemonBed bed, string address, CancellationToken cancellationToken)
    {
        return JsonDocument.Parse(await bed.Client.GetStringAsync(new Uri(bed.Web, address), cancellationToken));
    }

    private static string Text(CheckItem[] items)
    {
        return string.Join('\n', items.Select(i => $"{i.Name} {i.Outcome}: {i.Sentence}"));
    }

    private sealed record Check(CheckItem[] Items);

    private sealed record CheckItem(string Name, string Outcome, string Sentence);
}
