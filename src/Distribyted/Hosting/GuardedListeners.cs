using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Distribyted.Hosting;

/// <summary>Kestrel's sockets behind the <see cref="ConnectionGate"/>. Kestrel's own limit cuts later, on other threads: a burst of a thousand is
/// accepted, and the files are gone, before the first is cut.</summary>
internal sealed class GuardedListeners(ConnectionGate gate, IOptions<SocketTransportOptions> options, ILoggerFactory loggers)
    : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        return new Listener(await _sockets.BindAsync(endpoint, cancellationToken), gate);
    }

    private sealed class Listener(IConnectionListener inner, ConnectionGate gate) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
                if (gate.TryEnter(address))
                {
                    return new GuardedConnection(connection, () => gate.Leave(address));
                }

                connection.Abort();
                await connection.DisposeAsync(); // its file is free before the next one is taken
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            return inner.UnbindAsync(cancellationToken);
        }

        public ValueTask DisposeAsync()
        {
            return inner.DisposeAsync();
        }
    }
}
