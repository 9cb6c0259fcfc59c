using System.Net;
using System.Net.Sockets;

namespace Distribyted.Interop.Tests.Support;

/// <summary>Ports for programs that cannot say which one they took. Each is given once, and none that the system gives to outgoing connections:
/// a program that is restarted must find its port again.</summary>
internal static class Ports
{
    private const int First = 20_000;
    private const int Count = 12_000; // outgoing connections of Linux begin at 32,768

    private static int s_next = Random.Shared.Next(Count);

    public static int Free()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref s_next) % Count);
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue; // another program's
            }
        }
    }
}
