using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol.Utp;

namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>One µTP connection (BEP 29) without its socket: packets, bytes and times in, packets and bytes out. Pure: no I/O, and no clock but the time that
/// is passed in (microseconds). Not safe for use by several threads.</summary>
/// <remarks>
/// After each call that takes something in, <see cref="TryTake"/> is called until it gives no packet, and <see cref="Due"/> is called at
/// <see cref="DueAt"/>. A packet is believed only when its numbers are near those that are expected: who cannot see the connection has to guess them.
/// </remarks>
internal sealed class UtpConnection
{
    private readonly ushort _sendId;
    private readonly ushort _synSequence;
    private readonly bool _isIPv6;
    private readonly long _startedAt;
    private UtpSender? _sender; // from the moment that the connection is open
    private UtpReceiver? _receiver;
    private uint _peerDelay; // what our packets are told of theirs
    private long _heardAt;
    private long _timedOutAt;
    private long _lastSentAt;
    private long _pausedUntil = long.MinValue;
    private long _ackLimit = long.MaxValue;
    private long _ackLimitFrom;
    private long _endsAt = long.MaxValue;
    private long _synAt;
    private long _synWait = UtpLimits.SynTimeout;
    private bool _mustAcknowledge;
    private bool _mustReset;
    private bool _isTakenOfStream;

    private UtpConnection(ushort receiveId, ushort sendId, ushort synSequence, bool isIPv6, long now)
    {
        ReceiveId = receiveId;
        _sendId = sendId;
        _synSequence = synSequence;
        _isIPv6 = isIPv6;
        _startedAt = _heardAt = _lastSentAt = _synAt = now;
    }

    /// <summary>The id in packets that come for it.</summary>
    public ushort ReceiveId { get; }

    /// <summary>The id in packets that it sends.</summary>
    public ushort SendId => _sendId;

    /// <summary>Whether the other side has answered.</summary>
    public bool IsOpen => _sender is not null && Failure is null;

    /// <summary>Why it has ended before its time; null: it has not.</summary>
    public SocketError? Failure { get; private set; }

    /// <summary>Bytes that can be read.</summary>
    public int Readable => _receiver?.Readable ?? 0;

    /// <summary>Whether the peer has ended its stream, and all of it has arrived.</summary>
    public bool HasPeerEnded => _receiver?.HasEnded == true;

    /// <summary>Whether it can be forgotten: it has failed, or all that was to be sent has arrived and the owner reads no more.</summary>
    public bool IsDone =>
        !_mustReset && (Failure is not null || (_endsAt != long.MaxValue && _sender?.IsDone != false && !_mustAcknowledge));

    /// <summary>When <see cref="Due"/> is to be called; <see cref="long.MaxValue"/>: never.</summary>
    public long DueAt
    {
        get
        {
            if (Failure is not null)
            {
                return long.MaxValue;
            }

            if (_sender is null)
            {
                return Math.Min(_synAt, _startedAt + UtpLimits.ConnectTime);
            }

            var due = Math.Min(Math.Min(_sender.DueAt, _lastSentAt + UtpLimits.KeepAlive), Math.Min(_endsAt, GivesUpAt));
            return _pausedUntil == long.MinValue ? due : Math.Min(due, _pausedUntil);
        }
    }

    /// <summary>For tests and measurements; null before the connection is open.</summary>
    public UtpSender? Sender => _sender;

    private long GivesUpAt
    {
        get
        {
            var since = _sender!.WaitsSince;
            return since == long.MaxValue
                ? long.MaxValue
                : Math.Min(
                    since + UtpLimits.MostWithoutProgress,
                    _ackLimit == long.MaxValue ? long.MaxValue : Math.Max(since, _ackLimitFrom) + _ackLimit
                );
        }
    }

    /// <summary>A connection to a peer; its SYN can be taken at once.</summary>
    /// <param name="receiveId">Of no other connection with this peer.</param>
    /// <param name="sequence">The first number; unpredictable.</param>
    /// <param name="isIPv6">Of the peer's address.</param>
    /// <param name="now">The time.</param>
    public static UtpConnection Dial(ushort receiveId, ushort sequence, bool isIPv6, long now)
    {
        return new UtpConnection(receiveId, UtpSequence.Add(receiveId, 1), sequence, isIPv6, now);
    }

    /// <summary>A connection that a peer has opened, and confirmed by acknowledging our number.</summary>
    /// <param name="synId">The id in its SYN.</param>
    /// <param name="synSequence">The number of its SYN.</param>
    /// <param name="sequence">The number that it acknowledged.</param>
    /// <param name="window">Bytes that it can take.</param>
    /// <param name="isIPv6">Of the peer's address.</param>
    /// <param name="now">The time.</param>
    public static UtpConnection Accept(ushort synId, ushort synSequence, ushort sequence, uint window, bool isIPv6, long now)
    {
        var connection = new UtpConnection(UtpSequence.Add(synId, 1), synId, synSequence, isIPv6, now);
        connection.Open(synSequence, sequence, window, now);
        return connection;
    }

    /// <summary>A packet came from the peer's end point with the id of this connection.</summary>
    public void Received(UtpPacket packet, long now)
    {
        if (Failure is not null)
        {
            return;
        }

        var header = packet.Header;
        if (_sender is null)
        {
            ReceivedWhileDialling(packet, now);
            return;
        }

        if (header.Type == UtpPacketType.Reset)
        {
            ReceivedReset(header);
            return;
        }

        // A STATE of the acceptance that comes twice has the number that the next DATA will have: near enough.
        var isNear = Math.Abs(UtpSequence.Distance(_receiver!.Acknowledged, header.Sequence)) <= UtpLimits.ReorderWindow;
        if (header.Type == UtpPacketType.Syn || !isNear || !_sender.IsPlausible(header.Acknowledged))
        {
            return;
        }

        _heardAt = now;
        _peerDelay = unchecked((uint)now - header.Timestamp);
        _sender.Acknowledged(packet, now);
        if (header.Type is UtpPacketType.Data or UtpPacketType.Fin)
        {
            ReceivedStream(header, packet.Payload);
        }
    }

    /// <summary>Takes bytes to send, as many as there is room for.</summary>
    public int Write(ReadOnlySpan<byte> bytes, long now)
    {
        return IsOpen ? _sender!.Write(bytes, now) : 0;
    }

    /// <summary>Copies received bytes.</summary>
    public int Read(Span<byte> destination)
    {
        if (_receiver is null)
        {
            return 0;
        }

        var count = _receiver.Read(destination, out var opensWindow);
        _mustAcknowledge |= opensWindow && Failure is null;
        return count;
    }

    /// <summary>The owner neither reads nor writes any more: what was written is still sent, for a while.</summary>
    public void Finish(long now)
    {
        if (_sender is null)
        {
            Fail(SocketError.OperationAborted);
        }
        else if (_endsAt == long.MaxValue)
        {
            _sender.Finish();
            _endsAt = now + UtpLimits.LingerTime;
        }
    }

    /// <summary>Ends it at once and tells the peer.</summary>
    public void Abort()
    {
        _mustReset = _sender is not null && Failure is null;
        Fail(SocketError.OperationAborted);
    }

    /// <summary>From now on it fails when what is sent is not acknowledged in time.</summary>
    /// <param name="time">Microseconds; 0: as long as it takes.</param>
    /// <param name="now">The time.</param>
    public void LimitAcknowledgement(long time, long now)
    {
        _ackLimit = time == 0 ? long.MaxValue : time;
        _ackLimitFrom = now;
    }

    /// <summary>What is due at this time.</summary>
    public void Due(long now)
    {
        if (Failure is not null)
        {
            return;
        }

        if (_sender is null)
        {
            if (now >= _startedAt + UtpLimits.ConnectTime)
            {
                Fail(SocketError.TimedOut);
            }

            return;
        }

        _pausedUntil = now >= _pausedUntil ? long.MinValue : _pausedUntil;
        var before = _sender.Timeouts;
        _sender.Due(_heardAt > _timedOutAt, now);
        _timedOutAt = _sender.Timeouts > before ? now : _timedOutAt;
        _mustAcknowledge |= now >= _lastSentAt + UtpLimits.KeepAlive;
        if (_sender.Timeouts > UtpLimits.MostTimeouts || now >= GivesUpAt || now >= _endsAt)
        {
            _mustReset = true;
            Fail(SocketError.TimedOut);
        }
    }

    /// <summary>Writes the next packet that is to be sent now.</summary>
    /// <param name="destination">At least 1500 bytes.</param>
    /// <param name="now">The time.</param>
    /// <param name="length">Bytes of it.</param>
    /// <returns>False: there is none.</returns>
    public bool TryTake(Span<byte> destination, long now, out int length)
    {
        length = 0;
        _isTakenOfStream = false;
        if (_mustReset)
        {
            _mustReset = false;
            length = UtpPacket.Write(destination, Header(UtpPacketType.Reset, _sender!.Next, now));
        }
        else if (Failure is not null || now < _pausedUntil)
        {
            return false;
        }
        else if (_sender is null)
        {
            length = TakeSyn(destination, now);
        }
        else if (_sender.TryTake(now, out var packet))
        {
            length = WriteStream(destination, packet, now);
        }
        else if (_mustAcknowledge)
        {
            length = WriteState(destination, now);
        }

        _lastSentAt = length > 0 ? now : _lastSentAt;
        return length > 0;
    }

    /// <summary>The packet that was taken last was not sent: the system had no room, or it is too long for the path.</summary>
    public void NotSent(long now)
    {
        if (!_isTakenOfStream)
        {
            _mustAcknowledge |= IsOpen;
            Pause(now);
        }
        else if (_sender!.NotSent())
        {
            Pause(now);
        }
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        _sender?.Release();
        _receiver?.Release();
    }

    private void Pause(long now)
    {
        _pausedUntil = now + UtpLimits.FullPause;
    }

    private void Open(ushort acknowledged, ushort next, uint window, long now)
    {
        _receiver = new UtpReceiver(acknowledged);
        _sender = new UtpSender(next, window, _isIPv6, now);
        _heardAt = now;
    }

    private void Fail(SocketError error)
    {
        Failure ??= error;
    }

    private void ReceivedWhileDialling(UtpPacket packet, long now)
    {
        var header = packet.Header;
        if (header.Acknowledged != _synSequence)
        {
            return;
        }

        if (header.Type == UtpPacketType.Reset)
        {
            Fail(SocketError.ConnectionRefused);
        }
        else if (header.Type is UtpPacketType.State or UtpPacketType.Data)
        {
            // The number of a STATE is that of the DATA which comes next.
            Open(UtpSequence.Add(header.Sequence, -1), UtpSequence.Add(_synSequence, 1), header.Window, now);
            if (_synWait == 2 * UtpLimits.SynTimeout) // it was sent once
            {
                _sender!.Measured(now - _startedAt);
            }

            Received(packet, now);
        }
    }

    private void ReceivedReset(UtpHeader header)
    {
        // Who does not know the connection acknowledges the packet that it got: one of ours. Others have to guess it.
        var ahead = UtpSequence.Distance(_sender!.Next, header.Acknowledged);
        if (ahead is <= 0 and >= -UtpLimits.ReorderWindow)
        {
            Fail(SocketError.ConnectionReset);
        }
    }

    private void ReceivedStream(UtpHeader header, ReadOnlySpan<byte> payload)
    {
        _mustAcknowledge = true; // also what came before: its acknowledgement was lost, or is on its way
        if (_endsAt == long.MaxValue || payload.IsEmpty) // else the owner does not read it: the peer is told so when what we sent has arrived
        {
            _receiver!.Received(header.Sequence, payload, header.Type == UtpPacketType.Fin);
        }
    }

    private int TakeSyn(Span<byte> destination, long now)
    {
        if (now < _synAt)
        {
            return 0;
        }

        _synAt = now + _synWait;
        _synWait *= 2;
        return UtpPacket.Write(
            destination,
            new UtpHeader(UtpPacketType.Syn, ReceiveId, unchecked((uint)now), 0, UtpLimits.ReceiveBuffer, _synSequence, 0)
        );
    }

    private int WriteStream(Span<byte> destination, OutgoingPacket packet, long now)
    {
        _isTakenOfStream = true;
        var header = Header(packet.IsFin ? UtpPacketType.Fin : UtpPacketType.Data, packet.Sequence, now);
        var start = packet.Padding > 0 ? UtpPacket.WritePadded(destination, header, packet.Padding) : UtpPacket.Write(destination, header);
        _sender!.CopyPayload(packet, destination[start..]);
        _mustAcknowledge &= _receiver!.HasGap; // a gap is told of in a packet of its own
        return start + packet.Length;
    }

    private int WriteState(Span<byte> destination, long now)
    {
        _mustAcknowledge = false;
        Span<byte> mask = stackalloc byte[UtpLimits.ReorderWindow / 8];
        var header = Header(UtpPacketType.State, _sender!.Next, now);
        return _receiver!.WriteSelectiveAck(mask) is > 0 and var length
            ? UtpPacket.Write(destination, header, mask[..length])
            : UtpPacket.Write(destination, header);
    }

    private UtpHeader Header(UtpPacketType type, ushort sequence, long now)
    {
        return new UtpHeader(type, _sendId, unchecked((uint)now), _peerDelay, _receiver!.Advertise(), sequence, _receiver.Acknowledged);
    }
}
