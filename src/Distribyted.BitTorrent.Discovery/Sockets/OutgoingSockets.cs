using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Sockets;

/// <summary>Opens connections to trackers, web servers and whatever else is no peer: resolves names, checks addresses, uses the families and own addresses of the
/// configuration. Safe for use by many threads.</summary>
internal sealed class OutgoingSockets
{
    private const int MaxHostLength = 254; // RFC 1035: 253 and a dot at the end; resolvers throw at more
    private static readonly TimeSpan PerAddress = TimeSpan.FromSeconds(5); // so that a family without a route leaves time for the other

    private readonly TransportOptions _options;
    private readonly AddressGuard _guard;
    private readonly HostNames _names;
    private readonly TimeProvider _time;
    private readonly Func<IPEndPoint, IPAddress?, CancellationToken, ValueTask<Stream>> _open;

    /// <param name="options">Own addresses and families.</param>
    /// <param name="guard">Checks every address.</param>
    /// <param name="names">Resolves.</param>
    /// <param name="time">The clock.</param>
    /// <param name="open">Connects to an address, from an own one or any; null: <see cref="OpenAsync"/>.</param>
    public OutgoingSockets(
        TransportOptions options,
        AddressGuard guard,
        HostNames names,
        TimeProvider time,
        Func<IPEndPoint, IPAddress?, CancellationToken, ValueTask<Stream>>? open = null
    )
    {
        _options = options;
        _guard = guard;
        _names = names;
        _time = time;
        _open = open ?? OpenAsync;
    }

    /// <summary>Whether there is a host that can be looked up. Some are found out only when they are put into ASCII (RFC 5891): U+FFFD is one.</summary>
    public static bool HasHost(Uri uri)
    {
        try
        {
            return uri.IdnHost.Length is > 0 and <= MaxHostLength;
        }
        catch (UriFormatException)
        {
            return false;
        }
    }

    /// <summary>Connects to one address, which the caller has checked.</summary>
    /// <param name="endPoint">The address.</param>
    /// <param name="own">Our address that the connection leaves from; null: any.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="SocketException">It does not answer.</exception>
    public static async ValueTask<Stream> OpenAsync(IPEndPoint endPoint, IPAddress? own, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (own is not null)
            {
                socket.Bind(new IPEndPoint(own, 0));
            }

            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Where a host may be reached, in the order to try; empty when every address is refused.</summary>
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
            try
            {
                using var deadline = new CancellationTokenSource(PerAddress, _time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
                return (await _open(new IPEndPoint(address, port), OwnAddress(address.AddressFamily), either.Token), address);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                last = last is null || IsOurNetwork(CodeOf(last)) ? e : last; // a family without a route tells nothing about the host
            }
        }

        throw new SocketException((int)CodeOf(last));
    }

    /// <summary>The address that traffic of this family must leave from; null: any.</summary>
    public IPAddress? OwnAddress(AddressFamily family)
    {
        return _options.OwnAddress(family);
    }

    /// <summary>Whether our own network is to blame, and not the host.</summary>
    public static bool IsOurNetwork(SocketError error)
    {
        return error is SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.AddressNotAvailable;
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
