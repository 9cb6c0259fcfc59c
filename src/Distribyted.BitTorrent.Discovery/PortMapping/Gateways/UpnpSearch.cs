using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.PortMapping;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>Searches one network for UPnP gateways (SSDP).</summary>
internal static class UpnpSearch
{
    private const int MaxGateways = 8;
    private const int MaxDatagram = 8 * 1024;
    private const int MaxAnswers = 256;
    private const int Hops = 2; // UPnP Device Architecture 1.1, section 1.3.2
    private const int AnswerWithin = 2; // seconds
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(0.5); // datagrams get lost

    private static readonly string[] Targets =
    [
        "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
        "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
        "urn:schemas-upnp-org:service:WANIPConnection:1",
        "urn:schemas-upnp-org:service:WANPPPConnection:1",
    ];

    /// <summary>Searches for 3 s. Throws nothing but for the token.</summary>
    /// <param name="link">The network.</param>
    /// <param name="search">Where searches are sent: the multicast address, or a stand-in.</param>
    /// <param name="refused">Told of each answer that is not believed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The descriptions of gateways by their addresses.</returns>
    public static async Task<IReadOnlyDictionary<IPAddress, Uri>> RunAsync(
        OwnLink link,
        IPEndPoint search,
        Action<IPAddress, string> refused,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<IPAddress, Uri>();
        using var over = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, over.Token);
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(link.Own, 0));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, link.Own.GetAddressBytes());
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, Hops);
            await SendAsync(socket, search, either.Token);
            var receiving = ReceiveAsync(socket, link, found, refused, either.Token);
            await Task.WhenAny(receiving, Task.Delay(Again, time, either.Token));
            await SendAsync(socket, search, either.Token);
            await receiving;
        }
        catch (SocketException)
        {
            // the address is gone, or multicast is not allowed
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the time is over
        }

        cancellationToken.ThrowIfCancellationRequested();
        return found;
    }

    private static async Task SendAsync(Socket socket, IPEndPoint search, CancellationToken cancellationToken)
    {
        foreach (var target in Targets)
        {
            await socket.SendToAsync(SsdpMessage.WriteSearch(target, AnswerWithin), SocketFlags.None, search, cancellationToken);
        }
    }

    private static async Task ReceiveAsync(
        Socket socket,
        OwnLink link,
        Dictionary<IPAddress, Uri> found,
        Action<IPAddress, string> refused,
        CancellationToken cancellationToken
    )
    {
        var buffer = new byte[MaxDatagram];
        for (var answers = 0; answers < MaxAnswers; answers++)
        {
            SocketReceiveFromResult received;
            try
            {
                received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), cancellationToken);
            }
            catch (SocketException)
            {
                continue; // too long, or ICMP about a search
            }

            var from = ((IPEndPoint)received.RemoteEndPoint).Address;
            if (found.Count >= MaxGateways || found.ContainsKey(from))
            {
                continue;
            }

            if (WhyNot(buffer.AsSpan(0, received.ReceivedBytes), from, link, out var location) is { } reason)
            {
                refused(from, reason);
            }
            else
            {
                found.Add(from, location!);
            }
        }
    }

    /// <summary>Why an answer is not believed; null: it is. A description anywhere but on the device that answers would make us ask a machine of its choice.</summary>
    private static string? WhyNot(ReadOnlySpan<byte> datagram, IPAddress from, OwnLink link, out Uri? location)
    {
        location = null;
        if (!link.Network.Contains(from))
        {
            return "it is not in our own network";
        }

        try
        {
            location = SsdpMessage.ReadAnswer(datagram).Location;
        }
        catch (ProtocolException e)
        {
            return e.Message;
        }

        return IPAddress.TryParse(location.IdnHost, out var host) && ClientAddress.Plain(host).Equals(ClientAddress.Plain(from))
            ? null
            : $"its description is said to be at {location.IdnHost}";
    }
}
