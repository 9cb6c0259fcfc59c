using System.Text.Json;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>Looks at problem documents (RFC 9457).</summary>
internal static class Problem
{
    /// <returns>Its detail.</returns>
    public static async Task<string> AssertAsync(
        WebBed bed,
        string method,
        string address,
        int status,
        CancellationToken cancellationToken,
        HttpContent? content = null
    )
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = content };
        using var response = await bed.Client.SendAsync(request, cancellationToken);
        return await AssertAsync(response, status, cancellationToken);
    }

    /// <returns>Its detail.</returns>
    public static async Task<string> AssertAsync(HttpResponseMessage response, int status, CancellationToken cancellationToken)
    {
        var about = response.RequestMessage?.Method + " " + response.RequestMessage?.RequestUri;
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.That((int)response.StatusCode, Is.EqualTo(status), $"{about}: {text}");
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), about);
        using var problem = JsonDocument.Parse(text);
        Assert.That(problem.RootElement.GetProperty("status").GetInt32(), Is.EqualTo(status), about);
        Assert.That(problem.RootElement.GetProperty("title").GetString(), Is.Not.Empty, about);
        var detail = problem.RootElement.GetProperty("detail").GetString();
        Assert.That(detail, Is.Not.Empty, about);
        return detail!;
    }
}
