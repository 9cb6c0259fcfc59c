using System.Net;
using System.Net.Sockets;
using Distribyted.Configuration;
using Distribyted.Http.Listeners;
using Distribyted.Http.Transport;
using Distribyted.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Distribyted.Hosting;

/// <summary>Opens the ports of all listeners.</summary>
/// <param name="all">Where each listens, and its rules.</param>
/// <param name="certificate">For those that speak TLS; null: none does.</param>
internal sealed class Listeners(IReadOnlyList<(ListenerOptions Options, Listener Listener)> all, ServerCertificate? certificate)
    : IServedPorts
{
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(30); // slow-loris; a phone on a bad line needs a few
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly Dictionary<(string Listener, bool IsTls), ListenOptions> _open = [];

    public ServerCertificate? Certificate => certificate;

    private IEnumerable<ConfiguredPort> Ports => all.SelectMany(l => l.Options.Ports);

    /// <summary>Port of a listener, once it is open; null: there is none.</summary>
    public int? Port(Listener listener, bool isTls)
    {
        return PortOf(listener.Name, isTls);
    }

    public int? PortOf(string listener, bool isTls)
    {
        return _open.TryGetValue((listener, isTls), out var listen) ? listen.IPEndPoint?.Port : null;
    }

    public IPAddress? AddressOf(string listener)
    {
        return
            all.FirstOrDefault(l => l.Listener.Name == listener).Options?.Address is { } address
            && !address.Equals(IPAddress.Any)
            && !address.Equals(IPAddress.IPv6Any)
            ? address
            : null;
    }

    public void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        kestrel.Limits.MaxRequestBodySize = 1 << 20; // a handler that accepts more says so for its own request
        foreach (var (options, listener) in all)
        {
            foreach (var port in options.Ports)
            {
                Listen(kestrel, port, listener);
            }
        }
    }

    /// <summary>Tries the ports before anything else is started, so that a port in use is one line and not the end of a long start.</summary>
    /// <exception cref="StartupException">A port cannot be had; the message names its key.</exception>
    public void Try()
    {
        foreach (var port in Ports)
        {
            Try(port);
        }
    }

    /// <summary>Which port could not be opened and why, with its key; null: the error is another one.</summary>
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

        // "Failed to bind to address http://[::]:4444": the engine has ports, too, and its own messages for them.
        var named = Ports.FirstOrDefault(l => exception.Message.Contains($":{l.Port}", StringComparison.Ordinal) && l.Port > 0);
        return (inUse || socket is not null) && named is not null ? Explain(named, inUse, socket) : null;
    }

    private static string Explain(ConfiguredPort listener, bool inUse, SocketException? socket)
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

    private static void Try(ConfiguredPort options)
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

    private void Listen(KestrelServerOptions kestrel, ConfiguredPort options, Listener listener)
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
            listen.UseListener(listener);
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

            _open[(listener.Name, options.IsTls)] = listen;
        }
    }
}
