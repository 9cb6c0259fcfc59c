using System.Text.Json;
using System.Text.RegularExpressions;
using Distribyted.Lab;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>/api/v1/openapi.json says what is served, and /api/v1/docs shows it without the help of others.</summary>
[CancelAfter(60_000)]
internal sealed partial class OpenApiTests
{
    private static readonly string[] NotDescribed = ["/api/v1/openapi.json", "/api/v1/docs"];

    [Test]
    public async Task It_has_every_endpoint_and_no_other(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var document = await bed.GetAsync("/api/v1/openapi.json", cancellationToken);

        var described = document
            .GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => operation.Name.ToUpperInvariant() + " " + path.Name));
        var served = bed
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Select(e =>
                (Path: "/" + e.RoutePattern.RawText!.Trim('/'), Methods: e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            )
            .Where(e =>
                e.Path.StartsWith("/api/v1/", StringComparison.Ordinal)
                && !NotDescribed.Any(n => e.Path.StartsWith(n, StringComparison.Ordinal))
            )
            .SelectMany(e => e.Methods.Select(m => m + " " + e.Path));

        Assert.That(described, Is.EquivalentTo(served));
    }

    [Test]
    public async Task Every_operation_has_a_name_a_summary_and_answers_and_every_reference_leads_somewhere(
        CancellationToken cancellationToken
    )
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var (_, text) = await bed.SendAsync("GET", "/api/v1/openapi.json", cancellationToken);
        using var document = JsonDocument.Parse(text);
        var names = new HashSet<string>(StringComparer.Ordinal);

        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var about = $"{operation.Name} {path.Name}";
                Assert.That(operation.Value.GetProperty("summary").GetString(), Is.Not.Empty, about);
                Assert.That(operation.Value.GetProperty("tags").GetArrayLength(), Is.EqualTo(1), about);
                Assert.That(operation.Value.GetProperty("responses").EnumerateObject().Any(r => r.Name[0] == '2'), Is.True, about);
                Assert.That(operation.Value.GetProperty("responses").TryGetProperty("401", out _), Is.True, about);
                if (operation.Name != "head")
                {
                    Assert.That(names.Add(operation.Value.GetProperty("operationId").GetString()!), Is.True, about);
                }
            }
        }

        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        foreach (Match reference in References().Matches(text))
        {
            Assert.That(schemas.TryGetProperty(reference.Groups[1].Value, out _), Is.True, reference.Value);
        }
    }

    [Test]
    public async Task What_is_answered_is_what_is_described(CancellationToken cancellationToken)
    {
        var options = new LabSwarmOptions
        {
            Content = Samples.Content,
            PieceLength = 64 << 10,
            FirstAddress = 90,
        };
        await using var swarm = await LabSwarm.StartAsync(options, cancellationToken);
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.PostTorrentAsync("films", swarm.Torrent.Write(), cancellationToken);
        await bed.SendAsync("GET", "/fs/films/A%20film/film.srt", cancellationToken);
        var document = await bed.GetAsync("/api/v1/openapi.json", cancellationToken);
        var checkedPaths = 0;

        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            if (
                !path.Value.TryGetProperty("get", out var get)
                || !get.GetProperty("responses").GetProperty("200").TryGetProperty("content", out var content)
                || !content.TryGetProperty("application/json", out var json)
            )
            {
                continue;
            }

            var address = path
                .Name.Replace("{hash}", swarm.Torrent.Info.InfoHash.ToString(), StringComparison.Ordinal)
                .Replace("{route}", "films", StringComparison.Ordinal);
            Matches(json.GetProperty("schema"), await bed.GetAsync(address, cancellationToken), document, path.Name);
            checkedPaths++;
        }

        Assert.That(checkedPaths, Is.GreaterThan(10));
    }

    [Test]
    public async Task The_page_loads_nothing_from_elsewhere(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        using var response = await bed.Client.GetAsync("/api/v1/docs/", cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);

        Assert.That((int)response.StatusCode, Is.EqualTo(200), text);
        Assert.That(await bed.Client.GetStringAsync("/api/v1/docs/start.js", cancellationToken), Does.Contain("api/v1/openapi.json"));
        Assert.That(text, Does.Not.Match("<script[^>]*>[^<]"), "no script stands in it");
        Assert.That(Elsewhere().Matches(text).Select(m => m.Value), Is.Empty);
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("default-src 'none'; script-src 'self';"));
    }

    // The part of JSON Schema that the description uses.
    private static void Matches(JsonElement schema, JsonElement value, JsonElement document, string where)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()!.Split('/')[^1];
            Matches(document.GetProperty("components").GetProperty("schemas").GetProperty(name), value, document, where);
            return;
        }

        if (schema.TryGetProperty("oneOf", out var choices))
        {
            if (value.ValueKind != JsonValueKind.Null)
            {
                var choice = choices
                    .EnumerateArray()
                    .First(c => !(c.TryGetProperty("type", out var t) && t.ValueKind == JsonValueKind.String && t.GetString() == "null"));
                Matches(choice, value, document, where);
            }

            return;
        }

        if (schema.TryGetProperty("enum", out var words))
        {
            Assert.That(words.EnumerateArray().Select(w => w.ToString()), Does.Contain(value.ToString()), where);
            return;
        }

        if (schema.TryGetProperty("properties", out var properties))
        {
            Assert.That(
                value.EnumerateObject().Select(p => p.Name),
                Is.EquivalentTo(properties.EnumerateObject().Select(p => p.Name)),
                where
            );
            foreach (var property in value.EnumerateObject())
            {
                Matches(properties.GetProperty(property.Name), property.Value, document, where + "." + property.Name);
            }

            return;
        }

        if (schema.TryGetProperty("items", out var items) && value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                Matches(items, item, document, where + "[]");
            }

            return;
        }

        if (schema.TryGetProperty("type", out var type))
        {
            string[] types =
                type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(t => t.GetString()!)] : [type.GetString()!];
            var found = value.ValueKind switch
            {
                JsonValueKind.Null => "null",
                JsonValueKind.Number => types.Contains("integer") ? "integer" : "number",
                JsonValueKind.True or JsonValueKind.False => "boolean",
                JsonValueKind.Array => "array",
                JsonValueKind.Object => "object",
                _ => "string",
            };
            Assert.That(types, Does.Contain(found), where);
        }
    }

    [GeneratedRegex("\"#/components/schemas/([^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex References();

    [GeneratedRegex("(?:src|href)=[\"']?(?:https?:)?//[^\"' >]+", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Elsewhere();
}
