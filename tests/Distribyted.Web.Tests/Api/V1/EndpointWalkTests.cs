using System.Text.RegularExpressions;
using Distribyted.Http.Users;
using Distribyted.Web.Api.V1;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>All addresses that the program itself reports, so that a new one is covered without a line here.</summary>
[CancelAfter(60_000)]
internal sealed partial class EndpointWalkTests
{
    private const string Hash = "0123456789abcdef0123456789abcdef01234567";

    [Test]
    public async Task Without_sign_in_only_health_and_the_page_for_it_answer(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = bed.Client.BaseAddress,
        };

        foreach (var (method, address) in Addresses(bed))
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), address);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var expected = address.Split('/')[1] switch
            {
                "health" => Is.EqualTo(200).Or.EqualTo(405),
                "login" => Is.EqualTo(200).Or.EqualTo(405).Or.EqualTo(400), // a form that is none
                "logout" => Is.EqualTo(303).Or.EqualTo(405), // to the sign-in
                _ => Is.EqualTo(401),
            };

            Assert.That((int)response.StatusCode, expected, $"{method} {address}");
            if (address.StartsWith("/api/v1", StringComparison.Ordinal) && method != "HEAD")
            {
                await Problem.AssertAsync(response, 401, cancellationToken);
            }
        }
    }

    [Test]
    public async Task Who_may_only_read_writes_nothing(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, user: HttpUser.Create("anna", "secret", UserRights.Read));

        foreach (
            var (method, address) in Addresses(bed)
                .Where(a => a.Method is not ("GET" or "HEAD") && a.Address is not ("/login" or "/logout"))
        )
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), address);
            using var response = await bed.Client.SendAsync(request, cancellationToken);

            // Old addresses say first that they do not take a method, which is no write either.
            Assert.That((int)response.StatusCode, Is.EqualTo(403).Or.EqualTo(405), $"{method} {address}");
            if (address.StartsWith("/api/v1", StringComparison.Ordinal))
            {
                await Problem.AssertAsync(response, 403, cancellationToken);
            }
        }
    }

    [Test]
    public async Task A_method_that_an_address_does_not_take_is_405_with_Allow(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        foreach (var address in Addresses(bed).Where(a => IsV1(a.Address)).ToLookup(a => a.Address, a => a.Method, StringComparer.Ordinal))
        {
            using var request = new HttpRequestMessage(new HttpMethod("FROB"), address.Key);
            using var response = await bed.Client.SendAsync(request, cancellationToken);

            Assert.That(response.Content.Headers.Allow, Is.EquivalentTo(address.Distinct()), address.Key);
            await Problem.AssertAsync(response, 405, cancellationToken);
        }
    }

    [Test]
    public async Task What_is_not_there_is_404(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        foreach (var method in new[] { "GET", "PUT", "DELETE" })
        {
            await Problem.AssertAsync(bed, method, "/api/v1/nothing", 404, cancellationToken);
        }
    }

    private static bool IsV1(string address)
    {
        return address.StartsWith("/api/v1", StringComparison.Ordinal);
    }

    private static IEnumerable<(string Method, string Address)> Addresses(WebBed bed)
    {
        bed.Services.GetRequiredService<ApiV1Pipeline>().Load();
        var endpoints = bed.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();
        Assert.That(endpoints, Has.Length.GreaterThan(10));
        return endpoints.SelectMany(Addresses);
    }

    private static IEnumerable<(string Method, string Address)> Addresses(RouteEndpoint endpoint)
    {
        var pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
        if (pattern.EndsWith("{**path}", StringComparison.Ordinal) || pattern.Contains(":nonfile", StringComparison.Ordinal))
        {
            return []; // what no other endpoint takes
        }

        var address = Hashes().Replace(pattern, Hash);
        address = Parameters().Replace(address, "1");
        var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"];
        return methods.Select(method => (method, address));
    }

    [GeneratedRegex(@"\{hash[^}]*\}", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Hashes();

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.None, matchTimeoutMilliseconds: 30_000)]
    private static partial Regex Parameters();
}
