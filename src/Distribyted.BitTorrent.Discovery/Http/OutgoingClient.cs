using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Distribyted.BitTorrent.Discovery.Sockets;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Discovery.Http;

/// <summary>Fetches over HTTP/1.1 and HTTPS, and uses connections again. Safe for use by many threads.</summary>
/// <remarks>Every address is checked twice: before a request is sent, since a connection may be used for another request than the one it was opened for, and
/// when a connection is opened, since only what is connected to counts. What is compressed is not asked for, and not unpacked.</remarks>
public sealed class OutgoingClient : IDisposable
{
    private const int MaxRedirects = 5;
    private const int MaxDrained = 64 * 1024; // of a body that is not wanted any more: cheaper than a new connection
    private static readonly HttpRequestOptionsKey<RequestPurpose> PurposeKey = new("purpose");

    private readonly OutgoingSockets _sockets;
    private readonly RequestPurpose _purpose;
    private readonly HttpMessageInvoker _http;

    internal OutgoingClient(OutgoingSockets sockets, RequestPurpose purpose, int connections)
    {
        _sockets = sockets;
        _purpose = purpose;
        _http = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                ConnectCallback = ConnectAsync,
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                UseCookies = false,
                UseProxy = false, // the environment's proxy is not configured here, and its address would be checked instead of the server's
                ActivityHeadersPropagator = null,
                MaxConnectionsPerServer = connections,
                MaxResponseHeadersLength = 16, // KiB
                MaxResponseDrainSize = MaxDrained,
                ResponseDrainTimeout = TimeSpan.FromSeconds(1),
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            }
        );
    }

    /// <summary>Where a host may be connected to, in the order to try; at least one address.</summary>
    /// <param name="uri">The address that is to be requested there.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <exception cref="OutgoingException">It is an address that may not be connected to.</exception>
    /// <exception cref="SocketException">The host has no address.</exception>
    public Task<IReadOnlyList<IPAddress>> FindAsync(Uri uri, CancellationToken cancellationToken)
    {
        return FindAsync(uri, _purpose, cancellationToken);
    }

    /// <summary>Sends a GET and follows redirects. Returns when the head of the answer is here.</summary>
    /// <param name="uri">What is requested, http or https.</param>
    /// <param name="range">Which bytes; null: all.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="OutgoingException">An address may not be connected to, its certificate is not valid, or redirects lead nowhere.</exception>
    /// <exception cref="HttpRequestException">No connection, or no HTTP.</exception>
    /// <exception cref="SocketException">The host has no address.</exception>
    public async Task<OutgoingAnswer> GetAsync(Uri uri, RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        var purpose = _purpose;
        for (var hop = 0; ; hop++)
        {
            await FindAsync(uri, purpose, cancellationToken);
            var request = new HttpRequestMessage(HttpMethod.Get, uri) { Version = HttpVersion.Version11 };
            request.Options.Set(PurposeKey, purpose);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue(Product.Name, Product.Version));
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
            request.Headers.Range = range;
            var response = await SendAsync(request, cancellationToken);
            if (response.StatusCode is < (HttpStatusCode)300 or > (HttpStatusCode)308 or HttpStatusCode.NotModified)
            {
                return new OutgoingAnswer(response, uri);
            }

            var next = NextPlace(uri, response);
            response.Dispose();
            if (hop == MaxRedirects || next is null)
            {
                throw new OutgoingException("redirects too often, or to no usable address");
            }

            purpose = purpose == RequestPurpose.WebSeed ? purpose : RequestPurpose.Redirect;
            uri = next;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException tls)
        {
            throw new OutgoingException(
                $"its TLS certificate is not valid ({tls.Message.TrimEnd('.')}); "
                    + "one of a private authority is accepted when this system trusts the authority (SSL_CERT_FILE, update-ca-certificates)"
            );
        }
    }

    private static Uri? NextPlace(Uri current, HttpResponseMessage response)
    {
        return
            response.Headers.Location is { } location
            && Uri.TryCreate(current, location, out var next)
            && next.Scheme is "http" or "https"
            && next.UserInfo.Length == 0
            && OutgoingSockets.HasHost(next)
            ? next
            : null;
    }

    private async Task<IReadOnlyList<IPAddress>> FindAsync(Uri uri, RequestPurpose purpose, CancellationToken cancellationToken)
    {
        var addresses = await _sockets.FindAsync(uri, purpose, cancellationToken);
        if (addresses.Count == 0)
        {
            throw new OutgoingException("its address is one of a private network (security.outgoing_allow)");
        }

        // A query may be a command for whatever answers there.
        if (
            uri.Query.Length > 1
            && purpose != RequestPurpose.Configured
            && addresses.Any(static address => AddressGuard.ScopeOf(address) != AddressScope.Global)
        )
        {
            throw new OutgoingException("a request with a query is not sent into a private network");
        }

        return addresses;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var request = context.InitialRequestMessage;
        var purpose = request.Options.TryGetValue(PurposeKey, out var its) ? its : _purpose;
        var addresses = await FindAsync(request.RequestUri!, purpose, cancellationToken);
        var (stream, _) = await _sockets.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
        return stream;
    }
}
