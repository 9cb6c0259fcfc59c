using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;
using Distribyted.BitTorrent.Transport.Utp;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Connects to a peer: over TCP, and when that takes long or fails, over µTP as well; who is first is used. Safe for use by many threads.</summary>
/// <remarks>TCP first, since the system does its work for less CPU; µTP reaches peers behind a NAT that it can pass, and those that speak nothing else. Some of these
/// (libtorrent, qBittorrent with "µTP only") accept TCP and close it at once: they are dialled over µTP first the next time.</remarks>
/// <param name="services">Of the session.</param>
/// <param name="utpOnly">Over µTP only.</param>
internal sealed class PeerConnector(PeerServices services, bool utpOnly = false)
{
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(250); // between two attempts (RFC 8305, section 8)
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMilliseconds(300); // and four times what the refusal took: the host is there

    private readonly TcpFailures _tcpFailures = new();
    private readonly TcpFailures _closedOverTcp = new();

    /// <summary>Connects.</summary>
    /// <param name="peer">Where it listens.</param>
    /// <param name="cancellationToken">Is the time limit.</param>
    /// <exception cref="SocketException">It could not be reached.</exception>
    /// <exception cref="OwnNetworkException">This machine's own network is to blame.</exception>
    public async Task<IPeerTransport> ConnectAsync(PeerEndPoint peer, CancellationToken cancellationToken)
    {
        if (utpOnly || services.Transport.DisableTcp)
        {
            return services.Utp is { } only
                ? await ConnectUtpAsync(only, peer, cancellationToken)
                : throw new SocketException((int)SocketError.ProtocolNotSupported);
        }

        return services.Utp is { } utp && utp.MayDial(peer)
            ? await RaceAsync(utp, peer, cancellationToken)
            : await ConnectTcpAsync(peer, cancellationToken);
    }

    /// <summary>A peer accepted a connection over TCP and closed it without a handshake.</summary>
    public void ClosedOverTcp(PeerEndPoint peer)
    {
        _closedOverTcp.Set(peer, hasFailed: true);
    }

    private async Task<IPeerTransport> RaceAsync(UtpSockets utp, PeerEndPoint peer, CancellationToken cancellationToken)
    {
        var time = services.Clock.Time;
        var started = time.GetTimestamp();
        using var end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, end.Token);
        Task<IPeerTransport>? overUtp = null;
        if (_closedOverTcp.Contains(peer))
        {
            _closedOverTcp.Set(peer, hasFailed: false); // who had no place for us must not be dialled over µTP ever after
            overUtp = ConnectUtpAsync(utp, peer, either.Token);
            await Task.WhenAny(overUtp, Task.Delay(HeadStart, time, either.Token));
            if (overUtp.IsCompletedSuccessfully)
            {
                return await overUtp;
            }
        }

        var overTcp = ConnectTcpAsync(peer, either.Token);
        try
        {
            if (overUtp is null && !_tcpFailures.Contains(peer))
            {
                await Task.WhenAny(overTcp, Task.Delay(HeadStart, time, either.Token));
            }

            if (overTcp.IsCompletedSuccessfully || overTcp.Exception?.InnerException is OwnNetworkException)
            {
                return await overTcp;
            }

            overUtp ??= ConnectUtpAsync(utp, peer, either.Token);
            if (await Task.WhenAny(overTcp, overUtp) == overTcp && !overTcp.IsCompletedSuccessfully)
            {
                end.CancelAfter(AfterRefusal + (4 * time.GetElapsedTime(started)));
                await Task.WhenAny(overUtp);
            }

            return await (overUtp.IsCompletedSuccessfully ? overUtp : overTcp);
        }
        finally
        {
            _tcpFailures.Set(peer, !overTcp.IsCompletedSuccessfully && !cancellationToken.IsCancellationRequested);
            await end.CancelAsync();
            CloseLoser(overTcp, overUtp);
        }
    }

    private async Task<IPeerTransport> ConnectTcpAsync(PeerEndPoint peer, CancellationToken cancellationToken)
    {
        var started = services.Clock.Now;
        try
        {
            var transport = await TcpTransport.ConnectAsync(peer, services.Transport, cancellationToken);
            services.Network.Works(peer.IsIPv6);
            return transport;
        }
        catch (SocketException e)
            when (services.Network.IsToBlame(peer.IsIPv6, e.SocketErrorCode, services.Clock.Now - started, services.Clock.Now))
        {
            throw new OwnNetworkException(e);
        }
    }

    private async Task<IPeerTransport> ConnectUtpAsync(UtpSockets utp, PeerEndPoint peer, CancellationToken cancellationToken)
    {
        var transport = await utp.ConnectAsync(peer, cancellationToken);
        services.Network.Works(peer.IsIPv6);
        return transport;
    }

    /// <summary>Closes what was opened too late, as soon as it is: the other one is used.</summary>
    private void CloseLoser(Task<IPeerTransport> overTcp, Task<IPeerTransport>? overUtp)
    {
        if (overUtp is not null)
        {
            var loser = overUtp.IsCompletedSuccessfully ? overTcp : overUtp;
            Background.Forget("end of a dial", services.Log, CloseAsync(loser));
        }
    }

    private static async Task CloseAsync(Task<IPeerTransport> loser)
    {
        try
        {
            (await loser).Dispose();
        }
        catch (Exception e) when (PeerConnection.IsEnd(e))
        {
            // It was not opened.
        }
    }
}
