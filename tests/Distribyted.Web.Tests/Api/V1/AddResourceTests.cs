using System.Net.Http.Headers;
using System.Text.Json;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>POST /api/v1/routes/{route}/torrents.</summary>
[CancelAfter(60_000)]
internal sealed class AddResourceTests
{
    private const string Address = "/api/v1/routes/films/torrents";

    [Test]
    public async Task Several_at_once_have_one_result_each_and_again_they_are_known(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var body =
            $$"""{"sources": ["magnet:?xt=urn:btih:{{Samples.Dead}}&dn=A", "no link", "dd8255ecdc7ca55fb0bbf81323d87062db1f6d1c"]}""";

        var first = await PostAsync(bed, RoutesResourceTests.Body(body), cancellationToken);
        var second = await PostAsync(bed, RoutesResourceTests.Body(body), cancellationToken);

        Assert.That(Outcomes(first), Is.EqualTo(["added", "refused", "added"]));
        Assert.That(Outcomes(second), Is.EqualTo(["known", "refused", "known"]));
        Assert.That(first[0].GetProperty("hash").GetString(), Is.EqualTo(Samples.Dead));
        Assert.That(first[0].GetProperty("isPending").GetBoolean(), Is.True);
        Assert.That(first[1].GetProperty("problem").GetString(), Is.Not.Empty);
        var page = await bed.GetAsync("/api/v1/torrents", cancellationToken);
        Assert.That(page.GetProperty("total").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public async Task A_torrent_file_is_taken_as_body_and_in_a_form_beside_links(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        using var file = new ByteArrayContent(Samples.Torrent);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/x-bittorrent");
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Samples.Torrent), "torrent", "a.torrent" },
            { new ByteArrayContent("broken"u8.ToArray()), "torrent", "b.torrent" },
            { new StringContent($"magnet:?xt=urn:btih:{Samples.Dead}\n"), "magnet" },
        };

        var one = await PostAsync(bed, file, cancellationToken);
        var three = await PostAsync(bed, form, cancellationToken);

        Assert.That(Outcomes(one), Is.EqualTo(["added"]));
        Assert.That(one[0].GetProperty("name").GetString(), Is.EqualTo("A film"));
        Assert.That(Outcomes(three), Is.EqualTo(["known", "refused", "added"]));
    }

    [TestCase("http://127.0.0.1:1/x.torrent")]
    [TestCase("http://localhost:1/x.torrent")]
    [TestCase("http://[::1]:1/x.torrent")]
    [TestCase("http://[::ffff:10.0.0.1]/x.torrent")]
    [TestCase("http://192.168.1.1/x.torrent")]
    [TestCase("http://169.254.169.254/latest/meta-data")]
    [TestCase("http://0x7f000001/x.torrent")]
    [TestCase("http://2130706433/x.torrent")]
    [TestCase("http://0177.1/x.torrent")]
    [TestCase("http://[::]/x.torrent")]
    [TestCase("http://[fe80::1]/x.torrent")]
    [TestCase("http://8.8.8.8@127.0.0.1/x.torrent")]
    [TestCase("https://10.0.0.1/x.torrent")]
    public async Task An_address_in_our_own_network_is_not_asked(string address, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        var results = await PostAsync(bed, RoutesResourceTests.Body($$"""{"sources": ["{{address}}"]}"""), cancellationToken);

        Assert.That(Outcomes(results), Is.EqualTo(["refused"]));
        var problem = results[0].GetProperty("problem").GetString();
        Assert.That(problem, Does.Contain("security.outgoing_allow").Or.Contain("not known")); // the latter where only IPv4 is bound
    }

    [TestCase("file:///etc/passwd")]
    [TestCase("ftp://example.com/x.torrent")]
    [TestCase("gopher://127.0.0.1/")]
    public async Task Other_schemes_are_no_addresses(string address, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        var results = await PostAsync(bed, RoutesResourceTests.Body($$"""{"sources": ["{{address}}"]}"""), cancellationToken);

        Assert.That(Outcomes(results), Is.EqualTo(["refused"]));
    }

    [TestCase("""{"sources": []}""", 400)]
    [TestCase("""{}""", 400)]
    [TestCase("""{"sources": "x"}""", 400)]
    [TestCase("no JSON", 400)]
    public async Task A_body_without_torrents_is_refused(string body, int status, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        await Problem.AssertAsync(bed, "POST", Address, status, cancellationToken, RoutesResourceTests.Body(body));
        await Problem.AssertAsync(bed, "POST", "/api/v1/routes/..%2Fx/torrents", 400, cancellationToken, RoutesResourceTests.Body(body));
    }

    [Test]
    public async Task A_body_of_another_type_is_415(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        using var text = new StringContent("magnet:?xt=urn:btih:" + Samples.Dead);

        await Problem.AssertAsync(bed, "POST", Address, 415, cancellationToken, text);
    }

    [Test]
    public async Task An_address_that_is_allowed_is_fetched_and_may_not_lead_elsewhere(CancellationToken cancellationToken)
    {
        string[] inside =
        [
            "http://127.0.0.2:1/x.torrent",
            "http://0177.2:1/x.torrent",
            "http://2130706434:1/x.torrent",
            "http://[::]:1/x.torrent",
            "http://[::ffff:127.0.0.2]:1/x.torrent",
            "http://[fe80::1]:1/x.torrent",
            "//169.254.169.254/latest/meta-data",
        ];
        string[] unusable = ["http://user@127.0.0.1:1/x.torrent", "file:///etc/passwd", "gopher://127.0.0.1:1/", "http://"];
        await using var server = await OneFileServer.StartAsync(Samples.Torrent, cancellationToken);
        await using var bed = await WebBed.StartAsync(cancellationToken, outgoingAllow: ["127.0.0.1"]);
        string[] sources = [server.Address + "/x.torrent", .. inside.Concat(unusable).Select(server.LeadingTo)];

        var results = await PostAsync(
            bed,
            RoutesResourceTests.Body(JsonSerializer.Serialize(new Dictionary<string, string[]> { ["sources"] = sources })),
            cancellationToken
        );

        Assert.That(Outcomes(results), Is.EqualTo(["added", .. Enumerable.Repeat("refused", inside.Length + unusable.Length)]));
        using (Assert.EnterMultipleScope())
        {
            for (var i = 0; i < inside.Length + unusable.Length; i++)
            {
                // Without IPv6 such an address is "not known".
                Assert.That(
                    results[i + 1].GetProperty("problem").GetString(),
                    i < inside.Length ? Does.Contain("security.outgoing_allow").Or.Contain("not known") : Does.Contain("no usable address"),
                    i < inside.Length ? inside[i] : unusable[i - inside.Length]
                );
            }
        }
    }

    private static async Task<JsonElement> PostAsync(WebBed bed, HttpContent content, CancellationToken cancellationToken)
    {
        var (status, text) = await bed.SendAsync("POST", Address, cancellationToken, content);
        Assert.That(status, Is.EqualTo(200), text);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.GetProperty("items").Clone();
    }

    private static IEnumerable<string?> Outcomes(JsonElement items)
    {
        return items.EnumerateArray().Select(item => item.GetProperty("outcome").GetString());
    }
}
