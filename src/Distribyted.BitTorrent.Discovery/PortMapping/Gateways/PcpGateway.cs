using System.Net;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.PortMapping;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>A router by PCP (RFC 6887): maps ports of IPv4, opens them for IPv6.</summary>
/// <param name="socket">Asks it.</param>
/// <param name="now">A clock that only goes forward.</param>
internal sealed class PcpGateway(ControlSocket socket, Func<TimeSpan> now) : IGateway
{
    private readonly EpochCheck _epoch = new();

    // One for both mappings, for as long as they live: only who knows it can change them.
    private readonly byte[] _nonce = RandomNumberGenerator.GetBytes(PcpPacket.NonceLength);

    /// <inheritdoc/>
    public string Name => "PCP";

    /// <inheritdoc/>
    public async Task<MappingAnswer> MapAsync(MappingRequest request, CancellationToken cancellationToken)
    {
        var lifetime = (uint)request.Lease.TotalSeconds;
        var (answer, isOther) = await AskAsync(request.Protocol, request.InternalPort, request.ExternalPort, lifetime, cancellationToken);
        if (isOther)
        {
            return new MappingAnswer(MappingOutcome.Unsupported, Trouble: "it does not speak PCP");
        }

        if (answer is null)
        {
            return new MappingAnswer(MappingOutcome.Silent, Trouble: "no answer to PCP");
        }

        return answer.Result switch
        {
            PcpResult.Success when answer is { Lifetime: > 0, ExternalPort: > 0 } => new MappingAnswer(
                MappingOutcome.Mapped,
                (ushort)answer.ExternalPort,
                TimeSpan.FromSeconds(answer.Lifetime),
                answer.ExternalAddress
            ),
            PcpResult.UnsupportedVersion or PcpResult.UnsupportedOperation => Bad(MappingOutcome.Unsupported, answer),
            PcpResult.CannotProvideExternal => Bad(MappingOutcome.Conflict, answer),
            PcpResult.NotAuthorized or PcpResult.AddressMismatch => Bad(MappingOutcome.Refused, answer),
            _ => Bad(MappingOutcome.Failed, answer),
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
        var (answer, _) = await AskAsync(protocol, internalPort, externalPort, 0, cancellationToken);
        return answer?.Result == PcpResult.Success;
    }

    /// <inheritdoc/>
    public Task<IPAddress?> FindExternalAddressAsync(CancellationToken cancellationToken)
    {
        return Task.FromResult<IPAddress?>(null); // it came with the mapping
    }

    /// <inheritdoc/>
    public bool ShowsRestart(ReadOnlySpan<byte> datagram)
    {
        return TryRead(datagram, out _) is { IsMap: false, Result: PcpResult.Success } news && _epoch.Take(news.Epoch, now());
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private static MappingAnswer Bad(MappingOutcome outcome, PcpAnswer answer)
    {
        return new MappingAnswer(
            outcome,
            Lease: TimeSpan.FromSeconds(answer.Lifetime),
            Trouble: $"PCP result {(int)answer.Result} ({answer.Result})"
        );
    }

    private static PcpAnswer? TryRead(ReadOnlySpan<byte> datagram, out bool isOther)
    {
        isOther = false;
        try
        {
            return PcpPacket.ReadAnswer(datagram);
        }
        catch (ProtocolException e)
        {
            isOther = e.Error == ProtocolError.Unsupported;
            return null;
        }
    }

    /// <returns>The answer, or null; and whether the router speaks another version: NAT-PMP, as a rule (RFC 6887, appendix A).</returns>
    private async Task<(PcpAnswer? Answer, bool IsOther)> AskAsync(
        MappedProtocol protocol,
        ushort internalPort,
        ushort externalPort,
        uint lifetime,
        CancellationToken cancellationToken
    )
    {
        var request = new byte[PcpPacket.MapLength];
        PcpPacket.WriteMapRequest(request, socket.Own, _nonce, protocol, internalPort, externalPort, lifetime);
        var nonce = Convert.ToHexStringLower(_nonce);
        var datagram = await socket.AskAsync(
            request,
            d =>
                TryRead(d, out var other) is { } a
                    ? a.IsMap
                        && (a.Nonce.Length == 0 || (a.Nonce == nonce && a.Protocol == (int)protocol && a.InternalPort == internalPort))
                    : other,
            cancellationToken
        );
        if (datagram is null || TryRead(datagram, out var isOther) is not { } answer)
        {
            return (null, datagram is not null);
        }

        _epoch.Take(answer.Epoch, now());
        return (answer, isOther);
    }
}
