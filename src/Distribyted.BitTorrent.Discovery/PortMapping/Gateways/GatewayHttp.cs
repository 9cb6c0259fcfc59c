using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Distribyted.BitTorrent.Discovery.Sockets;
using Distribyted.BitTorrent.Discovery.Trackers.Http;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>HTTP to one router of our own network. It connects to the router's address, whatever an address in a request says, and follows no redirect:
/// what a device claims in a search cannot make this machine ask another one.</summary>
/// <remarks>It is no <c>OutgoingClient</c>: that one connects to what a name resolves to when the address guard allows it, and the guard would have to allow private
/// addresses. Nothing is to be allowed here but one address.</remarks>
internal sealed class GatewayHttp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _time;

    /// <param name="own">Our address in the router's network, which connections leave from.</param>
    /// <param name="router">Address of the router.</param>
    /// <param name="time">The clock.</param>
    public GatewayHttp(IPAddress own, IPAddress router, TimeProvider time)
    {
        _time = time;
        _client = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                ConnectCallback = (context, token) =>
                    OutgoingSockets.OpenAsync(new IPEndPoint(router, context.DnsEndPoint.Port), own, token),
                PlaintextStreamFilter = static (context, _) => ValueTask.FromResult<Stream>(new LenientHeadStream(context.PlaintextStream)),
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                UseCookies = false,
                UseProxy = false,
                ActivityHeadersPropagator = null,
                MaxResponseHeadersLength = 16, // KiB
                MaxResponseDrainSize = 0,
            }
        );
    }

    /// <summary>Fetches a document.</summary>
    /// <exception cref="HttpRequestException">No answer, or one that is too long.</exception>
    public Task<(int Status, byte[] Body)> GetAsync(Uri uri, int maxLength, CancellationToken cancellationToken)
    {
        return SendAsync(new HttpRequestMessage(HttpMethod.Get, uri), maxLength, cancellationToken);
    }

    /// <summary>Calls a service.</summary>
    /// <exception cref="HttpRequestException">No answer, or one that is too long.</exception>
    public Task<(int Status, byte[] Body)> PostAsync(
        Uri uri,
        string action,
        byte[] call,
        int maxLength,
        CancellationToken cancellationToken
    )
    {
        var content = new ByteArrayContent(call);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/xml", Encoding.UTF8.WebName);
        var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
        request.Headers.TryAddWithoutValidation("SOAPAction", $"\"{action}\"");
        return SendAsync(request, maxLength, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
    }

    private async Task<(int Status, byte[] Body)> SendAsync(HttpRequestMessage request, int maxLength, CancellationToken cancellationToken)
    {
        using var sent = request;
        request.Version = HttpVersion.Version11;
        request.Headers.ConnectionClose = true; // some routers forget connections that are kept, and the next call would wait for nothing
        using var deadline = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var response = await _client.SendAsync(request, either.Token);
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
            return ((int)response.StatusCode, await ReadAsync(stream, maxLength, either.Token));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer within {Patience.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new HttpRequestException("the connection broke", e);
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int maxLength, CancellationToken cancellationToken)
    {
        var body = new byte[4096];
        var length = 0;
        int read;
        while ((read = await stream.ReadAsync(body.AsMemory(length), cancellationToken)) > 0)
        {
            length += read;
            if (length > maxLength)
            {
                throw new HttpRequestException($"an answer of more than {maxLength} bytes");
            }

            if (length == body.Length)
            {
                Array.Resize(ref body, Math.Min(maxLength + 1, length * 4));
            }
        }

        return body[..length];
    }
}
