using System.Net;
using System.Net.Sockets;

namespace Distribyted.Interop.Tests.Support;

/// <summary>Ports for programs that cannot say which one they took.</summary>
internal static class Ports
{
    public static int Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
