using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Utp;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>All µTP connections over one UDP port: dialling, accepting, which packet is for which connection, and one timer for all. Safe for use by many threads.</summary>
/// <remarks>A SYN costs no memory and one STATE of 20 bytes. Memory, and an answer that is longer, get only those that acknowledge the unpredictable number
/// in it (<see cref="SynCookies"/>): their address is not forged. Packets of unknown connections are not answered.</remarks>
public sealed class UtpSockets : IDisposable
{
    private const int MostConnections = 4096;
    private const int IdAttempts = 16;

    private readonly IDatagramPort _port;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ConcurrentDictionary<(PeerEndPoint Peer, ushort ReceiveId), UtpTransport> _connections = new();
    private readonly ITimer _timer;
    private readonly SynCookies _cookies = new();
    private Action<UtpTransport>? _accepted;
    private bool _isDisposed;

    // Guarded by _lock, which is never held while another lock is taken.
    private readonly Lock _lock = new();
    private List<UtpTransport> _touched = [];
    private List<UtpTransport> _spare = [];
    private long _armedFor = long.MaxValue;

    /// <param name="port">Not open yet.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">For errors of ours.</param>
    public UtpSockets(IDatagramPort port, TimeProvider time, ILogger log)
    {
        _port = port;
        _time = time;
        _start = time.GetTimestamp();
        _timer = Background.CreateTimer(time, "timer of µTP", log, Fire);
        port.Register(Received);
        port.RegisterDrained(Drained);
    }

    /// <summary>Connections that are open, being opened, or still sending their last bytes.</summary>
    public int Count => _connections.Count;

    /// <summary>Microseconds.</summary>
    internal long Now => _time.GetElapsedTime(_start).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Accepts connections from now on.</summary>
    /// <param name="accepted">Gets each connection and owns it. Called by the thread that receives: it must not block and not throw.</param>
    public void Start(Action<UtpTransport> accepted)
    {
        _accepted = accepted;
    }

    /// <summary>Whether peers of this family can be dialled.</summary>
    public bool MayDial(PeerEndPoint peer)
    {
        return _port.Has(peer.IsIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
    }

    /// <summary>Connects to a peer; it has three seconds to answer.</summary>
    /// <exception cref="SocketException">It does not answer or refuses, or there is no port of its family.</exception>
    public async Task<UtpTransport> ConnectAsync(PeerEndPoint remote, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!MayDial(remote))
        {
            throw new SocketException((int)SocketError.AddressFamilyNotSupported);
        }

        var transport = Add(remote);
        try
        {
            await transport.OpenAsync().WaitAsync(cancellationToken);
            return transport;
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    /// <summary>Resets all connections. The port is the caller's.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        foreach (var (_, transport) in _connections)
        {
            transport.Abandon();
        }

        _timer.Dispose();
    }

    internal bool TrySend(ReadOnlySpan<byte> packet, PeerEndPoint to)
    {
        return _port.TrySend(packet, to);
    }

    /// <summary>A connection is over.</summary>
    internal void Forget(UtpTransport transport)
    {
        _connections.TryRemove(new KeyValuePair<(PeerEndPoint, ushort), UtpTransport>((transport.Remote, transport.ReceiveId), transport));
    }

    /// <summary>Something is due at this time.</summary>
    internal void Arm(long due)
    {
        if (due >= Volatile.Read(ref _armedFor))
        {
            return; // the timer looks at all of them
        }

        lock (_lock)
        {
            if (due < _armedFor && !_isDisposed)
            {
                Volatile.Write(ref _armedFor, due);
                var wait = Math.Max(UtpLimits.Millisecond, due - Now);
                _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(wait / (double)UtpLimits.Millisecond)), Timeout.InfiniteTimeSpan);
            }
        }
    }

    private bool MayAccept => _accepted is not null && !_isDisposed && _connections.Count < MostConnections;

    private static ushort Random()
    {
        Span<byte> bytes = stackalloc byte[2];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt16(bytes);
    }

    private UtpTransport Add(PeerEndPoint remote)
    {
        for (var attempt = 0; attempt < IdAttempts && _connections.Count < MostConnections; attempt++)
        {
            var transport = new UtpTransport(this, UtpConnection.Dial(Random(), Random(), remote.IsIPv6, Now), remote);
            if (_connections.TryAdd((remote, transport.ReceiveId), transport))
            {
                return transport;
            }
        }

        throw new SocketException((int)SocketError.TooManyOpenSockets);
    }

    private bool Received(ReadOnlySpan<byte> datagram, PeerEndPoint from)
    {
        if (!UtpPacket.TryRead(datagram, out var packet))
        {
            return false;
        }

        var header = packet.Header;
        if (header.Type == UtpPacketType.Syn)
        {
            ReceivedSyn(header, from);
        }
        else if (Find(header, from) is { } transport)
        {
            transport.Received(packet);
            Touch(transport);
        }
        else if (header.Type != UtpPacketType.Reset && MayAccept)
        {
            Accept(packet, from);
        }

        return true;
    }

    private UtpTransport? Find(UtpHeader header, PeerEndPoint from)
    {
        if (_connections.TryGetValue((from, header.ConnectionId), out var transport) || header.Type != UtpPacketType.Reset)
        {
            return transport;
        }

        // Who does not know a connection resets it with the id that it got: that of our packets. It is one more than ours when we dialled, and one less
        // when we accepted.
        return FindBySendId(from, header.ConnectionId, -1) ?? FindBySendId(from, header.ConnectionId, 1);
    }

    private UtpTransport? FindBySendId(PeerEndPoint from, ushort sendId, int difference)
    {
        return _connections.TryGetValue((from, UtpSequence.Add(sendId, difference)), out var transport) && transport.SendId == sendId
            ? transport
            : null;
    }

    private void ReceivedSyn(UtpHeader header, PeerEndPoint from)
    {
        if (!MayAccept || _connections.ContainsKey((from, UtpSequence.Add(header.ConnectionId, 1))))
        {
            return;
        }

        var now = Now;
        var state = new UtpHeader(
            UtpPacketType.State,
            header.ConnectionId,
            unchecked((uint)now),
            unchecked((uint)now - header.Timestamp),
            UtpLimits.ReceiveBuffer,
            _cookies.SequenceFor(from, header, now),
            header.Sequence
        );
        Span<byte> packet = stackalloc byte[UtpHeader.Length];
        _port.TrySend(packet[..UtpPacket.Write(packet, state)], from);
    }

    private void Accept(UtpPacket packet, PeerEndPoint from)
    {
        var header = packet.Header;
        var now = Now;
        if (!_cookies.TryConfirm(from, header, now, out var synSequence))
        {
            return;
        }

        var synId = UtpSequence.Add(header.ConnectionId, -1);
        var first = UtpSequence.Add(header.Acknowledged, 1);
        var transport = new UtpTransport(this, UtpConnection.Accept(synId, synSequence, first, header.Window, from.IsIPv6, now), from);
        if (_connections.TryAdd((from, transport.ReceiveId), transport))
        {
            transport.Received(packet);
            Touch(transport);
            _accepted?.Invoke(transport);
        }
    }

    private void Touch(UtpTransport transport)
    {
        lock (_lock)
        {
            if (!transport.IsTouched)
            {
                transport.IsTouched = true;
                _touched.Add(transport);
            }
        }
    }

    /// <summary>Everything that had arrived was processed: one answer for all of it.</summary>
    private void Drained()
    {
        List<UtpTransport> touched;
        lock (_lock)
        {
            if (_touched.Count == 0)
            {
                return;
            }

            touched = _touched;
            _touched = _spare;
            _spare = [];
            foreach (var transport in touched)
            {
                transport.IsTouched = false;
            }
        }

        foreach (var transport in touched)
        {
            transport.Touched();
        }

        touched.Clear();
        lock (_lock)
        {
            _spare = touched;
        }
    }

    private void Fire()
    {
        lock (_lock)
        {
            Volatile.Write(ref _armedFor, long.MaxValue);
        }

        var now = Now;
        var next = long.MaxValue;
        foreach (var (_, transport) in _connections)
        {
            if (transport.DueAt <= now)
            {
                transport.Due();
            }

            next = Math.Min(next, transport.DueAt);
        }

        Arm(next);
    }
}
