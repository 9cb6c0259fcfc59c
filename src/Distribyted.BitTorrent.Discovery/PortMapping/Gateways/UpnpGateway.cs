using System.Globalization;
using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.PortMapping;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>A router by UPnP: an Internet Gateway Device, version 1 or 2 (services WANIPConnection 1 and 2, WANPPPConnection 1).</summary>
internal sealed class UpnpGateway : IGateway
{
    // Errors of UPnP and of the service (WANIPConnection 1 and 2, section 2.5).
    private const int InvalidAction = 401;
    private const int NotAuthorized = 606;
    private const int ConflictInMapping = 718;
    private const int SamePortRequired = 724;
    private const int OnlyPermanentLeases = 725;
    private const int ConflictWithOtherMechanisms = 729;

    private readonly IPAddress _own;
    private readonly GatewayHttp _http;
    private readonly Uri _location;
    private GatewayService? _service;

    /// <param name="own">Our address in the router's network, which is the one that is mapped.</param>
    /// <param name="router">Address of the router: the one that answered the search.</param>
    /// <param name="location">Its description, on that address.</param>
    /// <param name="time">The clock.</param>
    public UpnpGateway(IPAddress own, IPAddress router, Uri location, TimeProvider time)
    {
        _own = own;
        Router = router;
        _location = location;
        _http = new GatewayHttp(own, router, time);
    }

    /// <inheritdoc/>
    public string Name => "UPnP";

    /// <summary>Address of the router.</summary>
    public IPAddress Router { get; }

    /// <inheritdoc/>
    public async Task<MappingAnswer> MapAsync(MappingRequest request, CancellationToken cancellationToken)
    {
        try
        {
            _service ??= await DescribeAsync(cancellationToken);
            if (_service is not { } service)
            {
                return new MappingAnswer(MappingOutcome.Unsupported, Trouble: "its UPnP description has no service that maps ports");
            }

            var answer = await CallAsync(
                service,
                "AddPortMapping",
                cancellationToken,
                ("NewRemoteHost", ""),
                ("NewExternalPort", Text(request.ExternalPort)),
                ("NewProtocol", NameOf(request.Protocol)),
                ("NewInternalPort", Text(request.InternalPort)),
                ("NewInternalClient", _own.ToString()),
                ("NewEnabled", "1"),
                ("NewPortMappingDescription", $"{Product.Name} {NameOf(request.Protocol)}"),
                ("NewLeaseDuration", Text((long)request.Lease.TotalSeconds))
            );
            return answer.Error == 0
                ? new MappingAnswer(MappingOutcome.Mapped, request.ExternalPort, request.Lease)
                : new MappingAnswer(OutcomeOf(answer.Error), Trouble: $"UPnP error {answer.Error} {answer.ErrorText}".Trim());
        }
        catch (HttpRequestException e)
        {
            _service = null; // a router that has restarted may have another address for calls
            return new MappingAnswer(MappingOutcome.Silent, Trouble: $"UPnP: {e.Message}");
        }
        catch (ProtocolException e)
        {
            _service = null;
            return new MappingAnswer(MappingOutcome.Failed, Trouble: $"UPnP: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public async Task<bool> UnmapAsync(
        MappedProtocol protocol,
        ushort internalPort,
        ushort externalPort,
        CancellationToken cancellationToken
    )
    {
        var answer = await TryCallAsync(
            "DeletePortMapping",
            cancellationToken,
            ("NewRemoteHost", ""),
            ("NewExternalPort", Text(externalPort)),
            ("NewProtocol", NameOf(protocol))
        );
        return answer?.Error == 0;
    }

    /// <inheritdoc/>
    public async Task<IPAddress?> FindExternalAddressAsync(CancellationToken cancellationToken)
    {
        var answer = await TryCallAsync("GetExternalIPAddress", cancellationToken);
        return
            answer?.Error == 0
            && answer.Values.TryGetValue("NewExternalIPAddress", out var text)
            && IPAddress.TryParse(text, out var address)
            && !address.Equals(IPAddress.Any)
            ? address
            : null;
    }

    /// <inheritdoc/>
    public bool ShowsRestart(ReadOnlySpan<byte> datagram)
    {
        return false; // such news come by multicast on port 1900 only, which is not listened to: a renewal brings the mapping back
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
    }

    private static MappingOutcome OutcomeOf(int error)
    {
        return error switch
        {
            ConflictInMapping or ConflictWithOtherMechanisms => MappingOutcome.Conflict,
            SamePortRequired => MappingOutcome.OnlySamePort,
            OnlyPermanentLeases => MappingOutcome.OnlyPermanent,
            NotAuthorized => MappingOutcome.Refused,
            InvalidAction => MappingOutcome.Unsupported,
            _ => MappingOutcome.Failed,
        };
    }

    private static string NameOf(MappedProtocol protocol)
    {
        return protocol == MappedProtocol.Tcp ? "TCP" : "UDP";
    }

    private static string Text(long number)
    {
        return number.ToString(CultureInfo.InvariantCulture);
    }

    private async Task<GatewayService?> DescribeAsync(CancellationToken cancellationToken)
    {
        var (status, body) = await _http.GetAsync(_location, GatewayDescription.MaxLength, cancellationToken);
        if (status != 200)
        {
            throw new HttpRequestException($"HTTP {status} instead of its description");
        }

        return GatewayDescription.Read(body, _location).Services is [var best, ..] ? best : null;
    }

    private async Task<SoapAnswer?> TryCallAsync(
        string action,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] arguments
    )
    {
        try
        {
            return _service is { } service ? await CallAsync(service, action, cancellationToken, arguments) : null;
        }
        catch (Exception e) when (e is HttpRequestException or ProtocolException)
        {
            return null;
        }
    }

    private async Task<SoapAnswer> CallAsync(
        GatewayService service,
        string action,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] arguments
    )
    {
        var call = SoapMessage.WriteCall(service.Type, action, arguments);
        var (status, body) = await _http.PostAsync(
            service.Control,
            $"{service.Type}#{action}",
            call,
            SoapMessage.MaxLength,
            cancellationToken
        );
        try
        {
            var answer = SoapMessage.ReadAnswer(body);
            return status == 200 || answer.Error != 0 ? answer : new SoapAnswer(SoapMessage.ActionFailed, $"HTTP {status}", answer.Values);
        }
        catch (ProtocolException) when (status != 200)
        {
            // An error without a body that says which.
            return new SoapAnswer(SoapMessage.ActionFailed, $"HTTP {status}", new Dictionary<string, string>(StringComparer.Ordinal));
        }
    }
}
