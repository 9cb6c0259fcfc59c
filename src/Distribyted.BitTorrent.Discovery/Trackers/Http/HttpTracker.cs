using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Distribyted.BitTorrent.Discovery.Sockets;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Discovery.Trackers.Http;

/// <summary>Announces over HTTP and HTTPS (BEP 3, 7, 23). Safe for use by many threads.</summary>
/// <remarks>
/// An address is checked when a connection to it is made, so connections are shared only among public addresses, where every path may be
/// requested. Each request to a private address has a connection of its own, checked for exactly that URL.
/// </remarks>
internal sealed class HttpTracker : IDisposable
{
    private const int MaxRedirects = 3;
    private const int MaxScrapeLength = 16 * 1024; // one torrent is asked for
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly DiscoveryOptions _options;
    private readonly OutgoingSockets _sockets;
    private readonly TimeProvider _time;
    private readonly Dictionary<AddressFamily, HttpMessageInvoker> _public; // Unspecified: of whichever family answers

    public HttpTracker(DiscoveryOptions options, OutgoingSockets sockets, TimeProvider time)
    {
        _options = options;
        _sockets = sockets;
        _time = time;
        _public = ((AddressFamily[])[AddressFamily.Unspecified, AddressFamily.InterNetwork, AddressFamily.InterNetworkV6]).ToDictionary(
            static family => family,
            family => new HttpMessageInvoker(CreateHandler((context, token) => ConnectToPublicAsync(context, family, token)))
        );
    }

    /// <summary>Asks, over each address family that the tracker has (BEP 7). Never throws but for the caller's token.</summary>
    public async Task<AnnounceAnswer> AnnounceAsync(Uri tracker, AnnounceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await _sockets.FindAsync(tracker, RequestPurpose.Tracker, cancellationToken);
            var families = addresses.Select(static address => address.AddressFamily).Distinct().ToArray();
            if (families.Length < 2)
            {
                var isIPv6 = families is [AddressFamily.InterNetworkV6];
                return await AskAsync(tracker, AddressFamily.Unspecified, request.Over(isIPv6), cancellationToken);
            }

            return await FamilyAnswers.FirstGoodAsync(
                Array.ConvertAll(
                    families,
                    family => AskAsync(tracker, family, request.Over(family == AddressFamily.InterNetworkV6), cancellationToken)
                )
            );
        }
        catch (SocketException e)
        {
            return AnnounceAnswer.For(e.SocketErrorCode);
        }
    }

    /// <summary>Asks for the counts of one torrent (BEP 48). Never throws but for the caller's token; whatever goes wrong is no answer.</summary>
    /// <param name="tracker">Where announces go.</param>
    /// <param name="scrape">What is asked there.</param>
    /// <param name="infoHash">Which torrent.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<SwarmSize?> ScrapeAsync(Uri tracker, Uri scrape, InfoHash infoHash, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var addresses = await _sockets.FindAsync(scrape, RequestPurpose.Tracker, either.Token);
            if (addresses.Count == 0)
            {
                return null;
            }

            using var exchange = await SendAsync(
                scrape,
                addresses,
                AddressFamily.Unspecified,
                CredentialsFor(scrape, tracker),
                either.Token
            );
            if (exchange.Response.StatusCode != HttpStatusCode.OK)
            {
                return null;
            }

            await using var body = await exchange.Response.Content.ReadAsStreamAsync(either.Token);
            var bytes = new byte[MaxScrapeLength];
            var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, either.Token);
            return HttpScrape.Parse(bytes.AsSpan(0, length), infoHash) is { } counts
                ? new SwarmSize(counts.Seeders, counts.Leechers)
                : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or InvalidDataException or ProtocolException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, client) in _public)
        {
            client.Dispose();
        }
    }

    private async Task<AnnounceAnswer> AskAsync(
        Uri tracker,
        AddressFamily family,
        AnnounceRequest request,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var hop = 0;
        AnnounceAnswer answer;
        try
        {
            var uri = Complete(HttpAnnounce.BuildUri(tracker, request));
            var purpose = RequestPurpose.Tracker;
            for (; ; hop++)
            {
                var addresses = await FindAsync(uri, purpose, family, either.Token);
                if (addresses.Count == 0)
                {
                    return AnnounceAnswer.Failure(
                        purpose == RequestPurpose.Redirect
                            ? "redirects to an address that it may not name (security.outgoing_allow)"
                            : "its address is not for trackers (security.outgoing_allow)"
                    );
                }

                using var exchange = await SendAsync(uri, addresses, family, CredentialsFor(uri, tracker), either.Token);
                if (exchange.Response.StatusCode is >= (HttpStatusCode)301 and <= (HttpStatusCode)308 and not HttpStatusCode.NotModified)
                {
                    if (hop == MaxRedirects || NextPlace(uri, exchange.Response, tracker, request) is not { } next)
                    {
                        return AnnounceAnswer.Failure("redirects too often, or to no usable address");
                    }

                    // A server on the internet may name public addresses only, in this redirect and all that follow.
                    purpose = AddressGuard.ScopeOf(exchange.Address) == AddressScope.Global ? RequestPurpose.Redirect : purpose;
                    uri = next;
                    continue;
                }

                return await ReadAsync(exchange, either.Token, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            answer = AnnounceAnswer.Silence($"no answer within {Patience.TotalSeconds:0} s");
        }
        catch (HttpRequestException e)
        {
            answer = AnswerFor(e);
        }
        catch (SocketException e)
        {
            answer = AnnounceAnswer.For(e.SocketErrorCode);
        }
        catch (IOException)
        {
            answer = AnnounceAnswer.Failure("the connection broke");
        }

        return hop == 0 ? answer : AnnounceAnswer.Failure($"redirects to a server that gives no answer: {answer.Trouble}");
    }

    /// <summary>Addresses of one family; of both when the family is <see cref="AddressFamily.Unspecified"/>.</summary>
    private async Task<IReadOnlyList<IPAddress>> FindAsync(
        Uri uri,
        RequestPurpose purpose,
        AddressFamily family,
        CancellationToken cancellationToken
    )
    {
        var addresses = await _sockets.FindAsync(uri, purpose, cancellationToken);
        return family == AddressFamily.Unspecified ? addresses : [.. addresses.Where(address => address.AddressFamily == family)];
    }

    private async Task<AnnounceAnswer> ReadAsync(Exchange exchange, CancellationToken deadline, CancellationToken cancellationToken)
    {
        var status = (int)exchange.Response.StatusCode;
        try
        {
            var response = await HttpTrackerBody.ReadAsync(exchange.Response, _time, deadline, cancellationToken);
            return TrackerMessages.Answer(response, exchange.Address);
        }
        catch (ProtocolException) when (status != 200)
        {
            // Many trackers give a bencoded reason with an error status; this one does not.
            return AnnounceAnswer.Failure($"HTTP {status}", exchange.Response.Headers.RetryAfter?.Delta);
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

    private async Task<Exchange> SendAsync(
        Uri uri,
        IReadOnlyList<IPAddress> addresses,
        AddressFamily family,
        AuthenticationHeaderValue? credentials,
        CancellationToken cancellationToken
    )
    {
        var message = new HttpRequestMessage(HttpMethod.Get, uri) { Version = HttpVersion.Version11 };
        message.Headers.Authorization = credentials;
        message.Headers.UserAgent.Add(new ProductInfoHeaderValue(Product.Name, Product.Version));
        if (AddressGuard.ScopeOf(addresses[0]) == AddressScope.Global)
        {
            var response = await _public[family].SendAsync(message, cancellationToken);
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

    private async ValueTask<Stream> ConnectToPublicAsync(
        SocketsHttpConnectionContext context,
        AddressFamily family,
        CancellationToken cancellationToken
    )
    {
        // Resolved again (from memory, as a rule): only what is connected to counts, and here only public addresses do.
        var uri = context.InitialRequestMessage.RequestUri!;
        var addresses = await FindAsync(uri, RequestPurpose.Redirect, family, cancellationToken);
        var global = addresses.Where(address => AddressGuard.ScopeOf(address) == AddressScope.Global).ToArray();
        var (stream, _) = await _sockets.ConnectAsync(global, context.DnsEndPoint.Port, cancellationToken);
        return stream;
    }

    private static SocketsHttpHandler CreateHandler(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect)
    {
        return new SocketsHttpHandler
        {
            ConnectCallback = connect,
            PlaintextStreamFilter = static (context, _) => ValueTask.FromResult<Stream>(new LenientHeadStream(context.PlaintextStream)),
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Deflate,
            UseCookies = false,
            UseProxy = false, // the environment's proxy is not configured here, and its address would be checked instead of the tracker's
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = AnnounceQueue.PerHost + AnnounceQueue.PerHostForReaders,
            MaxResponseHeadersLength = 16, // KiB
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        };
    }

    private Uri? NextPlace(Uri current, HttpResponseMessage response, Uri tracker, AnnounceRequest request)
    {
        if (
            response.Headers.Location is not { } location
            || !Uri.TryCreate(current, location, out var next)
            || !OutgoingSockets.HasHost(next)
        )
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

    /// <summary>The <c>user:password@</c> of a tracker's address, for the tracker itself and no server that it redirects to (RFC 7617).</summary>
    private static AuthenticationHeaderValue? CredentialsFor(Uri uri, Uri tracker)
    {
        var isTracker = uri.Scheme == tracker.Scheme && uri.IdnHost == tracker.IdnHost && uri.Port == tracker.Port;
        return tracker.UserInfo.Length == 0 || !isTracker
            ? null
            : new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(tracker.UserInfo)))
            );
    }

    /// <summary>A tracker is unreachable only when no connection came about; one that hung up or sent nonsense has answered, badly, about one torrent.</summary>
    private static AnnounceAnswer AnswerFor(HttpRequestException e)
    {
        return (e.HttpRequestError, e.InnerException) switch
        {
            (HttpRequestError.NameResolutionError, _) => AnnounceAnswer.For(SocketError.HostNotFound),
            (HttpRequestError.ConnectionError, SocketException socket) => AnnounceAnswer.For(socket.SocketErrorCode),
            (HttpRequestError.ConnectionError, _) => AnnounceAnswer.Silence("the connection broke"),
            (_, AuthenticationException) => AnnounceAnswer.Silence("its certificate is not valid"),
            (HttpRequestError.SecureConnectionError, _) => AnnounceAnswer.Silence("no secure connection"),
            (HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded, _) => AnnounceAnswer.Failure(
                "does not speak HTTP"
            ),
            _ => AnnounceAnswer.Failure("the connection broke"),
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
