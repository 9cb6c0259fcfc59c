using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport.Udp;

/// <summary>One UDP socket. Sending never waits, and neither way allocates per datagram.</summary>
internal sealed class UdpSocket : IDisposable
{
    private const int BufferLength = 4 << 20; // bytes that wait in the kernel: what 1 Gbit/s brings while all threads are busy for 30 ms; the system may give less
    private const int LongestDatagram = 65536;
    private const int DatagramsPerTurn = 256; // then the pool's thread is given back: in a flood this loop would own it
    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(100);

    [ThreadStatic]
    private static SocketAddress? _toV4;

    [ThreadStatic]
    private static SocketAddress? _toV6;

    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(LongestDatagram, pinned: true);

    /// <exception cref="SocketException">The end point cannot be had.</exception>
    public UdpSocket(IPEndPoint local)
    {
        _socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6)
            {
                _socket.DualMode = false; // IPv4 has a socket of its own, with the same port
            }

            _socket.Blocking = false;
            _socket.Bind(local);
            Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        _handle = _socket.SafeHandle;
        SetOptions();
    }

    public int Port { get; }

    public static Task PauseAsync(TimeProvider time)
    {
        return Task.Delay(PauseAfterError, time, CancellationToken.None);
    }

    /// <inheritdoc cref="IDatagramPort.TrySend"/>
    public bool TrySend(ReadOnlySpan<byte> datagram, PeerEndPoint to)
    {
        if (NativeDatagrams.IsKnown)
        {
            return NativeDatagrams.TrySend(_handle, datagram, to);
        }

        try
        {
            var address = to.IsIPv6
                ? _toV6 ??= new SocketAddress(AddressFamily.InterNetworkV6)
                : _toV4 ??= new SocketAddress(AddressFamily.InterNetwork);
            RawAddress.Write(address, to);
            return _socket.SendTo(datagram, SocketFlags.None, address) == datagram.Length;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Receives until an error.</summary>
    /// <param name="received">Gets each datagram.</param>
    /// <param name="drained">Called when none is waiting any more.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SocketException">The socket failed.</exception>
    public async Task ReceiveAsync(Action<ReadOnlySpan<byte>, PeerEndPoint> received, Action drained, CancellationToken cancellationToken)
    {
        var from = new SocketAddress(_socket.AddressFamily);
        for (var count = 1; ; count++)
        {
            var receive = _socket.ReceiveFromAsync(_buffer, SocketFlags.None, from, cancellationToken);
            if (!receive.IsCompleted)
            {
                drained();
            }

            var length = await receive;
            received(_buffer.AsSpan(0, length), RawAddress.Read(from));
            if (count % DatagramsPerTurn == 0)
            {
                drained();
                await Task.Yield();
            }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
    }

    private void SetOptions()
    {
        Try(() => _socket.ReceiveBufferSize = BufferLength);
        Try(() => _socket.SendBufferSize = BufferLength);
        Try(DontFragment);
        if (OperatingSystem.IsWindows())
        {
            // Else an answer "port unreachable" to any datagram that was sent makes the next receive fail (SIO_UDP_CONNRESET). Other systems tell
            // unconnected sockets nothing of it.
            Try(() => _socket.IOControl(unchecked((int)0x9800000C), [0, 0, 0, 0], null));
        }
    }

    /// <summary>A datagram that is too long for the path is dropped and not cut in two: that is how µTP finds the longest that passes.</summary>
    private void DontFragment()
    {
        if (_socket.AddressFamily == AddressFamily.InterNetwork)
        {
            _socket.DontFragment = true;
        }
        else if (OperatingSystem.IsLinux())
        {
            Set(41, 23, 2); // IPPROTO_IPV6, IPV6_MTU_DISCOVER, IP_PMTUDISC_DO
        }
        else if (OperatingSystem.IsWindows())
        {
            Set(41, 14, 1); // IPV6_DONTFRAG
        }
    }

    private void Set(int level, int option, int value)
    {
        _socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
    }

    private static void Try(Action set)
    {
        try
        {
            set();
        }
        catch (SocketException)
        {
            // It works without, less well.
        }
    }
}
