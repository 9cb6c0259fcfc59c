using System.Net;
using System.Net.Sockets;
using Distribyted.Configuration;
using Distribyted.Http;
using Distribyted.Http.Transport;
using Distribyted.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Distribyted.Hosting;

/// <summary>The listeners, and which door each of them is.</summary>
/// <param name="options">Where they listen.</param>
/// <param name="certificate">For those that speak TLS; null: none does.</param>
internal sealed class Doors(DoorOptions options, ServerCertificate? certificate)
{
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(30); // slow-loris; a phone on a bad line needs a few
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(Door Door, bool IsTls), ListenOptions> _open = [];

    public ServerCertificate? Certificate => certificate;

    /// <summary>Port of a door, once it is open; null: there is none.</summary>
    public int? Port(Door door, bool isTls)
    {
        return _open.TryGetValue((door, isTls), out var listen) ? listen.IPEndPoint?.Port : null;
    }

    public void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        kestrel.Limits.MaxRequestBodySize = 1 << 20; // whoever takes more says so for its own request
        foreach (var listener in options.Listeners)
        {
            Listen(kestrel, listener);
        }
    }

    /// <summary>Tries the ports before anything else is started, so that a port in use is one line and not the end of a long start.</summary>
    /// <exception cref="StartupException">A port cannot be had; the message names its key.</exception>
    public void Try()
    {
        foreach (var listener in options.Listeners)
        {
            Try(listener);
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

        // "Failed to bind to address http://[::]:4444": the engine has ports, too, and words of its own for them.
        var named = options.Listeners.FirstOrDefault(l => exception.Message.Contains($":{l.Port}", StringComparison.Ordinal) && l.Port > 0);
        return (inUse || socket is not null) && named is not null ? Explain(named, inUse, socket) : null;
    }

    private static string Explain(ListenerOptions listener, bool inUse, SocketException? socket)
    {
        var (key, port) = (listener.Key, listener.Port);
        return (inUse, socket?.SocketErrorCode) switch
        {
            (true, _) => $"{key}: {port} is in use by another program. Choose another port or stop that program.",
            (_, SocketError.AccessDenied) => $"{key}: {port} may not be opened by this user. Choose a port above 1023.",
            (_, SocketError.AddressNotAvailable) => $"{listener.Section}.ip: {listener.Address} is not an address of this machine.",
            _ => $"{key}: {port} cannot be opened: {socket?.Message}",
        };
    }

    private static void Try(ListenerOptions options)
    {
        var isAny = options.Address is null || options.Address.Equals(IPAddress.IPv6Any);
        var all = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        using var listener = new TcpListener(isAny ? all : options.Address!, options.Port);
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
            var inUse = exception.SocketErrorCode == SocketError.AddressAlreadyInUse;
            throw new StartupException(Explain(options, inUse, exception), exception);
        }
    }

    private void Listen(KestrelServerOptions kestrel, ListenerOptions options)
    {
        if (options.Address is null || options.Address.Equals(IPAddress.IPv6Any))
        {
            kestrel.ListenAnyIP(options.Port, Configure);
        }
        else
        {
            kestrel.Listen(options.Address, options.Port, Configure);
        }

        void Configure(ListenOptions listen)
        {
            // WebDAV clients know nothing else, and a film that is cut has to cut its connection: HTTP/2 would only end a stream.
            listen.Protocols = HttpProtocols.Http1;
            listen.UseDoor(options.Door);
            if (options.IsTls)
            {
                var shown = certificate ?? throw new InvalidOperationException("A TLS port without a certificate.");
                listen.UseHttps(
                    new TlsHandshakeCallbackOptions
                    {
                        OnConnection = _ => ValueTask.FromResult(shown.Handshake()),
                        HandshakeTimeout = HandshakeTimeout,
                    }
                );
            }
            else
            {
                listen.UseDirectOutput();
            }

            listen.UseNonAsciiHeads();

            _open[(options.Door, options.IsTls)] = listen;
        }
    }
}
