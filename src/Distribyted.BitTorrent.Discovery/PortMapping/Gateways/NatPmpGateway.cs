using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.PortMapping;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>A router by NAT-PMP (RFC 6886).</summary>
/// <param name="socket">Asks it.</param>
/// <param name="now">A clock that only goes forward.</param>
internal sealed class NatPmpGateway(ControlSocket socket, Func<TimeSpan> now) : IGateway
{
    private readonly EpochCheck _epoch = new();
    private IPAddress? _address;

    /// <inheritdoc/>
    public string Name => "NAT-PMP";

    /// <inheritdoc/>
    public async Task<MappingAnswer> MapAsync(MappingRequest request, CancellationToken cancellationToken)
    {
        var lifetime = (uint)request.Lease.TotalSeconds;
        if (await AskAsync(request.Protocol, request.InternalPort, request.ExternalPort, lifetime, cancellationToken) is not { } answer)
        {
            return new MappingAnswer(MappingOutcome.Silent, Trouble: "no answer to NAT-PMP");
        }

        return answer.Result switch
        {
            NatPmpResult.Success when answer is { Lifetime: > 0, ExternalPort: > 0 } => new MappingAnswer(
                MappingOutcome.Mapped,
                (ushort)answer.ExternalPort,
                TimeSpan.FromSeconds(answer.Lifetime)
            ),
            NatPmpResult.UnsupportedVersion or NatPmpResult.UnsupportedOperation => Bad(MappingOutcome.Unsupported, answer.Result),
            NatPmpResult.Refused => Bad(MappingOutcome.Refused, answer.Result),
            _ => Bad(MappingOutcome.Failed, answer.Result),
        };
    }

    /// <inheritdoc/>
    public async Task<bool> UnmapAsync(
        MappedProtocol protocol,
        ushort internalPort,
        ushort externalPort,
        CancellationToken cancellationToken
    )
    {
        var answer = await AskAsync(protocol, internalPort, 0, 0, cancellationToken);
        return answer?.Result == NatPmpResult.Success;
    }

    /// <inheritdoc/>
    public async Task<IPAddress?> FindExternalAddressAsync(CancellationToken cancellationToken)
    {
        var request = new byte[NatPmpPacket.AddressRequestLength];
        NatPmpPacket.WriteAddressRequest(request);
        var datagram = await socket.AskAsync(request, static d => TryRead(d) is { Protocol: null }, cancellationToken);
        if (datagram is null || TryRead(datagram) is not { Result: NatPmpResult.Success } answer)
        {
            return null;
        }

        _epoch.Take(answer.Epoch, now());
        _address = answer.Address;
        return answer.Address;
    }

    /// <inheritdoc/>
    public bool ShowsRestart(ReadOnlySpan<byte> datagram)
    {
        return TryRead(datagram) is { Protocol: null, Result: NatPmpResult.Success } news
            && (_epoch.Take(news.Epoch, now()) | !Equals(news.Address, _address)); // also sent when the external address changes
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private static MappingAnswer Bad(MappingOutcome outcome, NatPmpResult result)
    {
        return new MappingAnswer(outcome, Trouble: $"NAT-PMP result {(int)result} ({result})");
    }

    private static NatPmpAnswer? TryRead(ReadOnlySpan<byte> datagram)
    {
        try
        {
            return NatPmpPacket.ReadAnswer(datagram);
        }
        catch (ProtocolException)
        {
            return null;
        }
    }

    private async Task<NatPmpAnswer?> AskAsync(
        MappedProtocol protocol,
        ushort internalPort,
        ushort externalPort,
        uint lifetime,
        CancellationToken cancellationToken
    )
    {
        var request = new byte[NatPmpPacket.MapRequestLength];
        NatPmpPacket.WriteMapRequest(request, protocol, internalPort, externalPort, lifetime);
        var datagram = await socket.AskAsync(
            request,
            d =>
                TryRead(d) is { } a
                && (
                    a.Result == NatPmpResult.Success
                        ? a.Protocol == protocol && a.InternalPort == internalPort
                        : a.Protocol is null || a.Protocol == protocol
                ),
            cancellationToken
        );
        var answer = datagram is null ? null : TryRead(datagram);
        if (answer?.Result == NatPmpResult.Success)
        {
            _epoch.Take(answer.Epoch, now());
        }

        return answer;
    }
}
