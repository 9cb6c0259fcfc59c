using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Distribyted.Http.Listeners;

/// <summary>Sets and reads the listener of a connection. The listener itself marks its connections, because ports and Host headers differ behind a proxy or a
/// port mapping.</summary>
public static class ListenerExtensions
{
    /// <summary>The listener that accepted the connection of this request.</summary>
    /// <exception cref="InvalidOperationException">The port was opened without <see cref="UseListener"/>: there is no rule by which to serve it.</exception>
    public static Listener Listener(this HttpContext context)
    {
        return context.Features.Get<Listener>()
            ?? throw new InvalidOperationException("This port has no listener: call UseListener where it is opened.");
    }

    /// <summary>Marks every connection of a port: <c>kestrel.Listen(address, port, listen => listen.UseListener(options.Listener))</c>.</summary>
    public static IConnectionBuilder UseListener(this IConnectionBuilder listen, Listener listener)
    {
        return listen.Use(next =>
            connection =>
            {
                connection.Features.Set(listener);
                return next(connection);
            }
        );
    }
}
