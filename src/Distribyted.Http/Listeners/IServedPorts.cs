using System.Net;

namespace Distribyted.Http.Listeners;

/// <summary>Where the listeners really listen, which the host knows once they are open. Safe for use by many threads.</summary>
public interface IServedPorts
{
    /// <summary>The port of a listener; null: there is none.</summary>
    /// <param name="listener">Name of the listener.</param>
    /// <param name="isTls">Whether the port for TLS is meant.</param>
    int? PortOf(string listener, bool isTls);

    /// <summary>The one address that it listens on; null: all of this machine.</summary>
    /// <param name="listener">Name of the listener.</param>
    IPAddress? AddressOf(string listener);
}
