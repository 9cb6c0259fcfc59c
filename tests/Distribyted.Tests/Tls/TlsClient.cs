using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Distribyted.Tests.Tls;

/// <summary>Clients that trust one authority alone, and check names and dates as browsers do.</summary>
internal static class TlsClient
{
    public static HttpClient Trusting(X509Certificate2 root, HttpClient like, SslProtocols versions = SslProtocols.None)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(root);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero, // each request shakes hands anew
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy, EnabledSslProtocols = versions },
        };
        var client = new HttpClient(handler);
        client.DefaultRequestHeaders.Authorization = like.DefaultRequestHeaders.Authorization;
        return client;
    }

    public static async Task<int> PropfindAsync(this HttpClient client, Uri address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), address);
        request.Headers.Add("Depth", "1");
        using var response = await client.SendAsync(request, cancellationToken);
        return (int)response.StatusCode;
    }
}
