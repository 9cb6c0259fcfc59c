using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Trackers.Exchange;

/// <summary>Opens connections to trackers: resolves names, checks addresses, uses the families and own addresses of the configuration.</summary>
internal sealed class TrackerSockets
{
    private static readonly TimeSpan PerAddress = TimeSpan.FromSeconds(5); // so that a family without a route leaves time for the other

    private readonly TransportOptions _options;
    private readonly AddressGuard _guard;
    private readonly HostNames _names;
    private readonly TimeProvider _time;
    private readonly Func<Socket, IPEndPoint, CancellationToken, ValueTask> _connect;

    /// <param name="options">Own addresses and families.</param>
    /// <param name="guard">Checks every address.</param>
    /// <param name="names">Resolves.</param>
    /// <param name="time">The clock.</param>
    /// <param name="connect">Connects a socket to an address; null: really.</param>
    public TrackerSockets(
        TransportOptions options,
        AddressGuard guard,
        HostNames names,
        TimeProvider time,
        Func<Socket, IPEndPoint, CancellationToken, ValueTask>? connect = null
    )
    {
        _options = options;
        _guard = guard;
        _names = names;
        _time = time;
        _connect = connect ?? (static (socket, endPoint, token) => socket.ConnectAsync(endPoint, token));
    }

    /// <summary>Where a tracker may be reached, in the order to try; empty when every address is refused.</summary>
    /// <exception cref="SocketException">The name has no address, or none of a family that we have.</exception>
    public async Task<IReadOnlyList<IPAddress>> FindAsync(Uri uri, RequestPurpose purpose, CancellationToken cancellationToken)
    {
        var addresses = await _names.ResolveAsync(uri.IdnHost, cancellationToken);
        var usable = addresses.Where(HasFamily).Distinct().ToArray();
        if (usable.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        return [.. usable.Where(address => _guard.MayConnect(address, purpose, uri)).OrderBy(AddressGuard.ScopeOf)];
    }

    /// <summary>Connects to the first of these addresses that answers.</summary>
    /// <exception cref="SocketException">None did.</exception>
    public async Task<(Stream Stream, IPAddress Address)> ConnectAsync(
        IReadOnlyList<IPAddress> addresses,
        int port,
        CancellationToken cancellationToken
    )
    {
        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                if (OwnAddress(address.AddressFamily) is { } own)
                {
                    socket.Bind(new IPEndPoint(own, 0));
                }

                using var deadline = new CancellationTokenSource(PerAddress, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
                await _connect(socket, new IPEndPoint(address, port), either.Token);
                return (new NetworkStream(socket, ownsSocket: true), address);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                socket.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                last = last is null || AnnounceAnswer.For(CodeOf(last)).IsOurNetwork ? e : last; // a family without a route tells nothing about the tracker
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new SocketException((int)CodeOf(last));
    }

    /// <summary>The address that traffic of this family must leave from; null: any.</summary>
    public IPAddress? OwnAddress(AddressFamily family)
    {
        return _options.OwnAddress(family);
    }

    private static SocketError CodeOf(Exception? e)
    {
        return (e as SocketException)?.SocketErrorCode ?? SocketError.TimedOut;
    }

    private bool HasFamily(IPAddress address)
    {
        return address.AddressFamily switch
        {
            AddressFamily.InterNetworkV6 when _options.DisableIPv6 => false,
            AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 => _options.HasFamily(address.AddressFamily),
            _ => false,
        };
    }
}
