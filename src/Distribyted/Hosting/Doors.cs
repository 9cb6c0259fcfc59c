using System.Net;
using System.Net.Sockets;
using Distribyted.Configuration;
using Distribyted.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Distribyted.Hosting;

/// <summary>The listeners, and which door each of them is.</summary>
internal sealed class Doors(DoorOptions options)
{
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(30); // slow-loris; a phone on a bad line needs a few

    private ListenOptions? _web;
    private ListenOptions? _webDav;

    /// <summary>Port of the web door, once it is open; null: there is none.</summary>
    public int? WebPort => _web?.IPEndPoint?.Port;

    /// <summary>Port of the WebDAV door, once it is open; null: there is none.</summary>
    public int? WebDavPort => _webDav?.IPEndPoint?.Port;

    public void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        kestrel.Limits.MaxRequestBodySize = 1 << 20; // whoever takes more says so for its own request
        if (options.HasWeb)
        {
            Listen(kestrel, options.WebAddress, options.WebPort, Door.Web, listen => _web = listen);
        }

        if (options.HasWebDav)
        {
            Listen(kestrel, options.WebDavAddress, options.WebDavPort, Door.WebDav, listen => _webDav = listen);
        }
    }

    /// <summary>Tries the ports before anything else is started, so that a port in use is one line and not the end of a long start.</summary>
    /// <exception cref="StartupException">A port cannot be had; the message names its key.</exception>
    public void Try()
    {
        if (options.HasWeb)
        {
            Try(options.WebAddress, options.WebPort);
        }

        if (options.HasWebDav)
        {
            Try(options.WebDavAddress, options.WebDavPort);
        }
    }

    /// <summary>What stopped the doors from opening, in the words of the configuration; null: it was something else.</summary>
    public string? Explain(Exception exception)
    {
        var socket =
            exception as SocketException
            ?? exception.InnerException as SocketException
            ?? exception.InnerException?.InnerException as SocketException;
        var inUse =
            exception is AddressInUseException
            || exception.InnerException is AddressInUseException
            || socket?.SocketErrorCode == SocketError.AddressAlreadyInUse;
        if (!inUse && socket is null)
        {
            return null;
        }

        return Explain(options.HasWebDav && exception.Message.Contains($":{options.WebDavPort}", StringComparison.Ordinal), inUse, socket);
    }

    private string Explain(bool isWebDav, bool inUse, SocketException? socket)
    {
        var (section, port, address) = isWebDav
            ? ("webdav", options.WebDavPort, options.WebDavAddress)
            : ("http", options.WebPort, options.WebAddress);
        return (inUse, socket?.SocketErrorCode) switch
        {
            (true, _) => $"{section}.port: {port} is in use by another program. Choose another port or stop that program.",
            (_, SocketError.AccessDenied) => $"{section}.port: {port} may not be opened by this user. Choose a port above 1023.",
            (_, SocketError.AddressNotAvailable) => $"{section}.ip: {address} is not an address of this machine.",
            _ => $"{section}.port: {port} cannot be opened: {socket?.Message}",
        };
    }

    private void Try(IPAddress? address, int port)
    {
        var isAny = address is null || address.Equals(IPAddress.IPv6Any);
        var all = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        using var listener = new TcpListener(isAny ? all : address!, port);
        try
        {
            if (isAny && Socket.OSSupportsIPv6)
            {
                listener.Server.DualMode = true;
            }

            listener.Start();
        }
        catch (SocketException exception)
        {
            var isWebDav =
                options.HasWebDav && port == options.WebDavPort && (port != options.WebPort || Equals(address, options.WebDavAddress));
            var inUse = exception.SocketErrorCode == SocketError.AddressAlreadyInUse;
            throw new StartupException(Explain(isWebDav, inUse, exception), exception);
        }
    }

    private static void Listen(KestrelServerOptions kestrel, IPAddress? address, int port, Door door, Action<ListenOptions> remember)
    {
        if (address is null || address.Equals(IPAddress.IPv6Any))
        {
            kestrel.ListenAnyIP(port, Configure);
        }
        else
        {
            kestrel.Listen(address, port, Configure);
        }

        void Configure(ListenOptions listen)
        {
            // WebDAV clients know nothing else; the web door is without TLS, where HTTP/2 is not negotiated.
            listen.Protocols = HttpProtocols.Http1;
            listen.UseDoor(door);
            remember(listen);
        }
    }
}
