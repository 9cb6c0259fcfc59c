using System.Net;
using System.Net.Sockets;

namespace Distribyted.Http.Transport;

/// <summary>Whether the system paces what is sent to clients on this machine, a proxy for example. One for each listener.</summary>
/// <remarks>
/// Where BBR is the system's default it sets a timer for every 64 KiB, and over loopback there is no congestion to avoid. Measured with GET of 1 MiB ranges:
/// 16 clients get 3,430 a second without and 2,580 with it, 256 clients 2,020 and 2,190. So a few are not paced, and many are.
/// Safe for use by many threads.
/// </remarks>
internal sealed class Pacing
{
    private const int MostUnpaced = 32;
    private const int Tcp = 6; // IPPROTO_TCP
    private const int Congestion = 13; // TCP_CONGESTION
    private const int LongestName = 16; // TCP_CA_NAME_MAX

    private int _open;

    /// <summary>Whether clients on this machine are paced as the system does it.</summary>
    public bool IsWanted => Volatile.Read(ref _open) > MostUnpaced;

    /// <summary>Whether the other end of a connection is this machine.</summary>
    public static bool IsHere(Socket socket)
    {
        return socket is { RemoteEndPoint: IPEndPoint remote, LocalEndPoint: IPEndPoint local }
            && (IPAddress.IsLoopback(remote.Address) || remote.Address.Equals(local.Address));
    }

    /// <summary>A connection has come.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref _open);
    }

    /// <summary>A connection has gone.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _open);
    }

    /// <summary>How the system avoids congestion on this socket; empty when it does not say.</summary>
    public static byte[] Read(Socket socket)
    {
        try
        {
            var name = new byte[LongestName];
            var length = socket.GetRawSocketOption(Tcp, Congestion, name);
            return name[..length];
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return [];
        }
    }

    /// <summary>Sets how; it stays as it is where that is not allowed.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="name">What <see cref="Read"/> returned; empty: reno, which every Linux has and which does not pace.</param>
    public static void Set(Socket socket, ReadOnlySpan<byte> name)
    {
        try
        {
            socket.SetRawSocketOption(Tcp, Congestion, name.IsEmpty ? "reno"u8 : name);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Pacing is a matter of speed only.
        }
    }
}
