using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Distribyted.Http.Transport;

/// <summary>A connection that receives through Kestrel's pipe and sends past it.</summary>
public static class DirectTransport
{
    /// <summary>Lets the connections of a listener send straight into their sockets, and files without a copy. For listeners without TLS, before HTTP.</summary>
    /// <remarks>Linux only; elsewhere, and over other transports than sockets, everything stays as it is.</remarks>
    public static IConnectionBuilder UseDirectOutput(this IConnectionBuilder listen)
    {
        var pacing = new Pacing();
        return listen.Use(next =>
            connection =>
                NativeSend.IsKnown && connection.Features.Get<IConnectionSocketFeature>() is { } feature
                    ? RunAsync(connection, feature.Socket, next)
                    : next(connection)
        );

        async Task RunAsync(ConnectionContext connection, Socket socket, ConnectionDelegate next)
        {
            pacing.Enter();
            var transport = connection.Transport;
            var output = new DirectOutput(socket, pacing);
            connection.Transport = new Pipes(transport.Input, output);
            connection.Features.Set<IFileOutput>(output);
            try
            {
                await next(connection);
            }
            finally
            {
                pacing.Leave();
                await output.CompleteAsync();
                connection.Transport = transport; // so that Kestrel closes it
            }
        }
    }
}
