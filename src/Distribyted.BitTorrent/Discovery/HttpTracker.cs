using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>Announces over HTTP and HTTPS (BEP 3, 7, 23). Safe for use by many threads.</summary>
/// <remarks>
/// Whatever a connection is used for was judged when it was made, so connections are shared only among public addresses, where every
/// path may be asked for. Each request to a private address has a connection of its own, judged for exactly that URL.
/// </remarks>
internal sealed class HttpTracker : IDisposable
{
    /// <summary>Most bytes of an answer, unpacked.</summary>
    public const int MaxBody = 2 * 1024 * 1024;

    private const int MaxRedirects = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly BitTorrentOptions _options;
    private readonly TrackerSockets _sockets;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _public;

    public HttpTracker(BitTorrentOptions options, TrackerSockets sockets, TimeProvider time)
    {
        _options = options;
        _sockets = sockets;
        _time = time;
        _public = new HttpMessageInvoker(CreateHandler(ConnectToPublicAsync));
    }

    /// <summary>Asks. Never throws but for the caller's token.</summary>
    public async Task<AnnounceAnswer> AnnounceAsync(Uri tracker, AnnounceRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await FollowAsync(tracker, request, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return AnnounceAnswer.Silence($"no answer within {Patience.TotalSeconds:0} s");
        }
        catch (HttpRequestException e)
        {
            return AnnounceAnswer.Silence(InWords(e));
        }
        catch (SocketException e)
        {
            return AnnounceAnswer.Silence(TrackerWords.For(e.SocketErrorCode));
        }
        catch (IOException)
        {
            return AnnounceAnswer.Silence("the connection broke");
        }
        catch (InvalidDataException)
        {
            return AnnounceAnswer.Failure("its answer cannot be unpacked");
        }
        catch (ProtocolException e)
        {
            return AnnounceAnswer.Failure($"its answer is no answer to an announce ({e.Error})");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _public.Dispose();
    }

    private async Task<AnnounceAnswer> FollowAsync(Uri tracker, AnnounceRequest request, CancellationToken cancellationToken)
    {
        var uri = Complete(HttpAnnounce.BuildUri(tracker, request));
        var purpose = RequestPurpose.Tracker;
        for (var hop = 0; ; hop++)
        {
            var addresses = await _sockets.FindAsync(uri, purpose, cancellationToken);
            if (addresses.Count == 0)
            {
                return AnnounceAnswer.Failure(
                    purpose == RequestPurpose.Redirect
                        ? "sends us to an address that it may not name (security.outgoing_allow)"
                        : "its address is not for trackers (security.outgoing_allow)"
                );
            }

            using var exchange = await SendAsync(uri, addresses, cancellationToken);
            if (exchange.Response.StatusCode is >= (HttpStatusCode)301 and <= (HttpStatusCode)308 and not HttpStatusCode.NotModified)
            {
                if (hop == MaxRedirects || NextPlace(uri, exchange.Response, tracker, request) is not { } next)
                {
                    return AnnounceAnswer.Failure("sends us round in circles, or nowhere");
                }

                // What a server on the internet names is a stranger's choice, for this hop and all that follow.
                purpose = AddressGuard.ScopeOf(exchange.Address) == AddressScope.Global ? RequestPurpose.Redirect : purpose;
                uri = next;
                continue;
            }

            return Read(exchange, await ReadBodyAsync(exchange.Response, cancellationToken));
        }
    }

    private static AnnounceAnswer Read(Exchange exchange, ArraySegment<byte> body)
    {
        var status = (int)exchange.Response.StatusCode;
        AnnounceResponse response;
        try
        {
            response = HttpAnnounce.Parse(body);
        }
        catch (ProtocolException) when (status != 200)
        {
            // Many trackers give a bencoded reason with an error status; this one does not.
            var retry = exchange.Response.Headers.RetryAfter?.Delta;
            return status >= 500 ? AnnounceAnswer.Silence($"HTTP {status}") : AnnounceAnswer.Failure($"HTTP {status}", retry);
        }

        return TrackerWords.Answer(response, exchange.Address);
    }

    private async Task<Exchange> SendAsync(Uri uri, IReadOnlyList<IPAddress> addresses, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(HttpMethod.Get, uri) { Version = HttpVersion.Version11 };
        message.Headers.UserAgent.Add(new ProductInfoHeaderValue("Distribyted", "0.1"));
        if (AddressGuard.ScopeOf(addresses[0]) == AddressScope.Global)
        {
            var response = await _public.SendAsync(message, cancellationToken);
            return new Exchange(response, addresses[0], null);
        }

        var address = addresses[0];
        var own = new HttpMessageInvoker(
            CreateHandler(
                async (context, token) =>
                {
                    (var stream, address) = await _sockets.ConnectAsync(addresses, context.DnsEndPoint.Port, token);
                    return stream;
                }
            )
        );
        try
        {
            message.Headers.ConnectionClose = true;
            var response = await own.SendAsync(message, cancellationToken);
            return new Exchange(response, address, own);
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    private async ValueTask<Stream> ConnectToPublicAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        // Resolved again (from memory, as a rule): only what is connected to counts, and here only public addresses do.
        var uri = context.InitialRequestMessage.RequestUri!;
        var addresses = await _sockets.FindAsync(uri, RequestPurpose.Redirect, cancellationToken);
        var global = addresses.Where(address => AddressGuard.ScopeOf(address) == AddressScope.Global).ToArray();
        var (stream, _) = await _sockets.ConnectAsync(global, context.DnsEndPoint.Port, cancellationToken);
        return stream;
    }

    private static SocketsHttpHandler CreateHandler(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect)
    {
        return new SocketsHttpHandler
        {
            ConnectCallback = connect,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
            UseCookies = false,
            UseProxy = false, // the environment's proxy is not ours, and would be judged instead of the tracker
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = AnnounceQueue.PerHost,
            MaxResponseHeadersLength = 16, // KiB
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        };
    }

    /// <summary>Reads the body, unpacked, into one array; at most <see cref="MaxBody"/> bytes are ever held.</summary>
    private static async Task<ArraySegment<byte>> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = new byte[4096];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(body.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return new ArraySegment<byte>(body, 0, length);
            }

            length += read;
            if (length == body.Length)
            {
                if (length >= MaxBody)
                {
                    throw new ProtocolException(ProtocolError.TooLarge, $"An answer of more than {MaxBody} bytes.");
                }

                Array.Resize(ref body, Math.Min(MaxBody, length * 4));
            }
        }
    }

    private Uri? NextPlace(Uri current, HttpResponseMessage response, Uri tracker, AnnounceRequest request)
    {
        if (response.Headers.Location is not { } location || !Uri.TryCreate(current, location, out var next) || !TrackerWords.HasHost(next))
        {
            return null;
        }

        // From https to http the passkey would travel in the clear.
        if (next.Scheme is not ("http" or "https") || (current.Scheme == "https" && next.Scheme == "http") || next.UserInfo.Length > 0)
        {
            return null;
        }

        return next.Query.Contains("info_hash=", StringComparison.Ordinal) ? next : Complete(HttpAnnounce.BuildUri(next, request));
    }

    /// <summary>Adds our public addresses when the user named them: BEP 3 <c>ip</c>, BEP 7 <c>ipv4</c> and <c>ipv6</c>.</summary>
    private Uri Complete(Uri uri)
    {
        var query = "";
        foreach (var address in _options.PublicAddresses)
        {
            var text = Uri.EscapeDataString(address.ToString());
            query += address.AddressFamily == AddressFamily.InterNetwork ? $"&ip={text}&ipv4={text}" : $"&ipv6={text}";
        }

        return query.Length == 0 ? uri : new Uri(uri.AbsoluteUri + query);
    }

    private static string InWords(HttpRequestException e)
    {
        return e.InnerException switch
        {
            SocketException socket => TrackerWords.For(socket.SocketErrorCode),
            AuthenticationException => "its certificate is not valid",
            _ => e.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => TrackerWords.For(SocketError.HostNotFound),
                HttpRequestError.SecureConnectionError => "no secure connection",
                HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => "does not speak HTTP",
                _ => "the connection broke",
            },
        };
    }

    /// <summary>A response, who sent it, and the client that lives as long as it.</summary>
    private sealed record Exchange(HttpResponseMessage Response, IPAddress Address, HttpMessageInvoker? Own) : IDisposable
    {
        public void Dispose()
        {
            Response.Dispose();
            Own?.Dispose();
        }
    }
}
