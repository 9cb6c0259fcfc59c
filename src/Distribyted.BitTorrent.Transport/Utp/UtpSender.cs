using Distribyted.BitTorrent.Protocol.Utp;

namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>The sending half of a connection: cuts the stream into packets, knows which are on their way, and repeats those that are lost. Pure: no I/O, and
/// no clock but the time that is passed in. Not safe for use by several threads.</summary>
/// <remarks>
/// <para>A packet counts as lost when three that were sent later have arrived, or one that was sent a quarter of a round trip later; the second also finds
/// packets that were lost again (RFC 8985). When nothing is heard, the newest packet is sent once more after a while, since no later one will tell of it,
/// and after the timeout all of them are.</para>
/// <para>The window shrinks once for the losses of one round trip, and not for the loss of a packet that tried a longer length.</para>
/// </remarks>
internal sealed class UtpSender
{
    private const int NoProbe = -1;
    private const long TailPatience = 100 * UtpLimits.Millisecond; // some peers hold acknowledgements back for so long

    private readonly ByteRing _bytes = new(UtpLimits.SendBuffer);
    private readonly SentPackets _sent;
    private readonly RoundTripTime _roundTrip = new();
    private readonly DelayHistory _delays = new();
    private readonly PathMtu _mtu;
    private readonly CongestionWindow _window;
    private uint _offset; // of the first byte in _bytes
    private int _cut; // bytes of _bytes that were made into packets
    private int _inFlight;
    private int _missing; // payload that has not arrived
    private int _lost; // packets that are to be sent again
    private uint _peerWindow;
    private int _probe = NoProbe; // the packet that tries a longer length
    private int _probeSize;
    private bool _isWindowUsed; // the last time that packets were taken, the window kept more from being sent
    private bool _isRecovering;
    private ushort _recoveredAt; // when this is acknowledged, the losses of that round trip are over
    private bool _hasFinished;
    private bool _isFinSent;
    private bool _isTailDue;
    private bool _isTailTried;
    private bool _isWindowTried;
    private int _timeouts;
    private OutgoingPacket _taken;
    private bool _isTakenNew;

    // Times.
    private long _sentAt; // anything of the stream
    private long _waitsSince; // the last progress, or the first packet after all had been acknowledged
    private long _timesOutAt = long.MaxValue;
    private long _triesTailAt = long.MaxValue;
    private long _triesWindowAt = long.MaxValue;

    /// <param name="first">The number of the first packet.</param>
    /// <param name="peerWindow">Bytes that the peer can take.</param>
    /// <param name="isIPv6">Of the connection.</param>
    /// <param name="now">The time.</param>
    public UtpSender(ushort first, uint peerWindow, bool isIPv6, long now)
    {
        _sent = new SentPackets(first);
        _peerWindow = peerWindow;
        _mtu = new PathMtu(isIPv6);
        _window = new CongestionWindow(_mtu.Size);
        _waitsSince = _sentAt = now;
    }

    /// <summary>The number of the next packet.</summary>
    public ushort Next => _sent.Next;

    /// <summary>Bytes that may be on their way.</summary>
    public int Window => _window.Size;

    /// <summary>Bytes of packets that are on their way, with headers.</summary>
    public int InFlight => _inFlight;

    /// <summary>Microseconds that the last packets waited in queues: less than a round trip, whatever the peer says.</summary>
    public long QueueingDelay => _delays.IsEmpty ? 0 : Math.Min(_delays.Queueing, _roundTrip.Smoothed);

    /// <summary>Bytes of the longest packet that is known to pass.</summary>
    public int PacketSize => _mtu.Size;

    /// <summary>Timeouts in a row.</summary>
    public int Timeouts => _timeouts;

    /// <summary>Packets that were sent more than once.</summary>
    public long Repeated { get; private set; }

    /// <summary>Whether all that was written, and the end, was acknowledged.</summary>
    public bool IsDone => _isFinSent && _sent.Count == 0;

    /// <summary>Since when an acknowledgement is waited for; <see cref="long.MaxValue"/>: none is.</summary>
    public long WaitsSince => _sent.Count > 0 || Unsent > 0 ? _waitsSince : long.MaxValue;

    /// <summary>When <see cref="Due"/> is to be called.</summary>
    public long DueAt => Math.Min(_timesOutAt, Math.Min(_triesTailAt, _triesWindowAt));

    private int Unsent => _bytes.Count - _cut;

    /// <summary>A round trip of the handshake, microseconds.</summary>
    public void Measured(long roundTrip)
    {
        _roundTrip.Add(roundTrip);
    }

    /// <summary>Takes bytes of the stream, as many as there is space for.</summary>
    public int Write(ReadOnlySpan<byte> bytes, long now)
    {
        if (_sent.Count == 0 && Unsent == 0)
        {
            _waitsSince = now;
        }

        return _bytes.Write(bytes);
    }

    /// <summary>Nothing more is written.</summary>
    public void Finish()
    {
        _hasFinished = true;
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        _bytes.Clear();
        _cut = 0;
    }

    /// <summary>Whether a peer can know of this packet: it was sent, and is not acknowledged or was so a moment ago.</summary>
    public bool IsPlausible(ushort acknowledged)
    {
        return UtpSequence.Distance(_sent.First, acknowledged) is >= -UtpLimits.ReorderWindow and var ahead && ahead < _sent.Count;
    }

    /// <summary>The peer's view of our stream.</summary>
    /// <param name="packet">A packet whose acknowledgement is plausible.</param>
    /// <param name="now">The time.</param>
    public void Acknowledged(UtpPacket packet, long now)
    {
        var header = packet.Header;
        if (header.TimestampDifference != 0)
        {
            _delays.Add(header.TimestampDifference, now);
        }

        var count = UtpSequence.Distance(_sent.First, header.Acknowledged) + 1;
        if (count < 0)
        {
            return; // overtaken by a later one
        }

        var newest = long.MinValue;
        var bytes = 0;
        _peerWindow = header.Window;
        for (; count > 0; count--)
        {
            bytes += AcknowledgeFirst(ref newest, now);
        }

        bytes += AcknowledgeBehindGap(packet.SelectiveAck, header.Acknowledged, ref newest, now);
        if (bytes > 0)
        {
            Progressed(bytes, now);
        }

        if (!packet.SelectiveAck.IsEmpty && newest != long.MinValue)
        {
            FindLost(header.Acknowledged, packet.SelectiveAck, newest);
        }

        _isRecovering &= UtpSequence.Distance(_recoveredAt, header.Acknowledged) < 0;
        SetWindowTimer(now);
    }

    /// <summary>What is due at this time.</summary>
    /// <param name="isHeard">Whether the peer was heard since the last timeout.</param>
    /// <param name="now">The time.</param>
    public void Due(bool isHeard, long now)
    {
        if (now >= _triesWindowAt)
        {
            _triesWindowAt = long.MaxValue;
            _isWindowTried = true;
        }

        if (now >= _triesTailAt)
        {
            _triesTailAt = long.MaxValue;
            _isTailDue = _isTailTried = true;
        }

        if (now >= _timesOutAt)
        {
            TimeOut(isHeard, now);
        }
    }

    /// <summary>The next packet that may be sent now; false: none.</summary>
    public bool TryTake(long now, out OutgoingPacket packet)
    {
        var hasPacket = TryTakeLost(now, out packet) || TryTakeTail(now, out packet) || TryTakeNew(now, out packet);
        if (hasPacket)
        {
            _taken = packet;
            _sentAt = now;
            _timesOutAt = Math.Min(_timesOutAt, now + _roundTrip.Timeout);
            _triesTailAt = _isTailTried ? long.MaxValue : TailAt(now);
        }

        return hasPacket;
    }

    /// <summary>Copies the payload of a packet.</summary>
    public void CopyPayload(OutgoingPacket packet, Span<byte> destination)
    {
        var offset = unchecked((int)(_sent[packet.Sequence].Offset - _offset));
        _bytes.Peek(offset, destination[..packet.Length]);
    }

    /// <summary>The system had no space for the packet that was taken last, or found it too long for the path.</summary>
    /// <returns>Whether to pause: it was not the length.</returns>
    public bool NotSent()
    {
        ref var sent = ref _sent[_taken.Sequence];
        _inFlight -= SizeOf(sent);
        var wasProbe = _probe == _taken.Sequence && _taken.Padding > 0;
        if (wasProbe)
        {
            _mtu.Failed(_probeSize);
            _probe = NoProbe;
        }

        if (_isTakenNew)
        {
            _missing -= sent.Length;
            _cut -= sent.Length;
            _isFinSent &= !sent.IsFin;
            _sent.RemoveLast();
        }
        else
        {
            sent.IsLost = true;
            _lost++;
        }

        return !wasProbe;
    }

    private static int SizeOf(in SentPacket packet)
    {
        return packet.Length + UtpHeader.Length;
    }

    private int AcknowledgeFirst(ref long newest, long now)
    {
        var sequence = _sent.First;
        ref var packet = ref _sent[sequence];
        var bytes = Arrived(sequence, ref packet, ref newest, now);
        _bytes.Remove(packet.Length);
        _offset = unchecked(_offset + (uint)packet.Length);
        _cut -= packet.Length;
        _sent.RemoveFirst();
        return bytes;
    }

    private int AcknowledgeBehindGap(ReadOnlySpan<byte> mask, ushort acknowledged, ref long newest, long now)
    {
        var bytes = 0;
        for (var i = 0; i < UtpSelectiveAck.Count(mask); i++)
        {
            var sequence = UtpSequence.Add(acknowledged, UtpSelectiveAck.FirstOffset + i);
            if (UtpSequence.Distance(_sent.First, sequence) >= _sent.Count)
            {
                break; // never sent: nothing is believed of it
            }

            if (UtpSelectiveAck.Has(mask, i) && UtpSequence.Distance(_sent.First, sequence) >= 0)
            {
                bytes += Arrived(sequence, ref _sent[sequence], ref newest, now);
            }
        }

        return bytes;
    }

    private int Arrived(ushort sequence, ref SentPacket packet, ref long newest, long now)
    {
        if (packet.HasArrived)
        {
            return 0;
        }

        packet.HasArrived = true;
        _missing -= packet.Length;
        if (packet.IsLost)
        {
            packet.IsLost = false;
            _lost--;
        }
        else
        {
            _inFlight -= SizeOf(packet);
        }

        if (packet.Sends == 1)
        {
            _roundTrip.Add(now - packet.SentAt);
        }

        if (packet.Sends == 1 || now - packet.SentAt >= _roundTrip.Least) // else it was the first copy that arrived
        {
            newest = Math.Max(newest, packet.SentAt);
        }

        if (_probe == sequence)
        {
            _probe = NoProbe;
            _mtu.Passed(_probeSize);
            _window.Packet = _mtu.Size;
        }

        return SizeOf(packet);
    }

    private void Progressed(int bytes, long now)
    {
        _roundTrip.Progress();
        _timeouts = 0;
        _waitsSince = now;
        _isTailTried = _isTailDue = false;
        _timesOutAt = _sent.Count > 0 ? now + _roundTrip.Timeout : long.MaxValue;
        _triesTailAt = _sent.Count > 0 ? TailAt(now) : long.MaxValue;
        _window.Acknowledged(bytes, QueueingDelay, _isWindowUsed);
    }

    private long TailAt(long now)
    {
        return now + _roundTrip.Smoothed + Math.Max(_roundTrip.Smoothed, TailPatience);
    }

    private void FindLost(ushort acknowledged, ReadOnlySpan<byte> mask, long newest)
    {
        var reordering = Math.Max(_roundTrip.Smoothed / 4, UtpLimits.Millisecond);
        var last =
            Math.Min(
                UtpSequence.Distance(_sent.First, acknowledged) + UtpSelectiveAck.FirstOffset + UtpSelectiveAck.Count(mask),
                _sent.Count
            ) - 1;
        var arrived = 0;
        for (var i = last; i >= 0; i--)
        {
            var sequence = UtpSequence.Add(_sent.First, i);
            ref var packet = ref _sent[sequence];
            if (packet.HasArrived)
            {
                arrived++;
            }
            else if (
                !packet.IsLost
                && (
                    (packet.Sends == 1 && arrived >= UtpLimits.DuplicateThreshold && packet.SentAt <= newest)
                    || packet.SentAt + reordering < newest
                )
            )
            {
                IsLost(sequence, ref packet);
            }
        }
    }

    private void IsLost(ushort sequence, ref SentPacket packet)
    {
        packet.IsLost = true;
        _lost++;
        _inFlight -= SizeOf(packet);
        if (_probe == sequence)
        {
            _probe = NoProbe;
            _mtu.Failed(_probeSize);
            return;
        }

        if (!_isRecovering)
        {
            _isRecovering = true;
            _recoveredAt = UtpSequence.Add(_sent.Next, -1);
            _window.Lost();
        }
    }

    private void TimeOut(bool isHeard, long now)
    {
        _timesOutAt = _triesTailAt = long.MaxValue;
        if (_sent.Count == 0)
        {
            return; // it could not be sent
        }

        if (_probe != NoProbe)
        {
            _mtu.Failed(_probeSize);
            _probe = NoProbe;
        }

        for (var i = 0; i < _sent.Count; i++)
        {
            ref var packet = ref _sent[UtpSequence.Add(_sent.First, i)];
            if (!packet.HasArrived && !packet.IsLost)
            {
                packet.IsLost = true;
                _lost++;
            }
        }

        _inFlight = 0;
        _isRecovering = false;
        _isTailDue = false;
        _window.TimedOut();
        _roundTrip.Double();
        _timeouts += isHeard && _peerWindow < _mtu.Size ? 0 : 1; // a peer that takes nothing at the moment, and says so, is not gone
        _timesOutAt = now + _roundTrip.Timeout;
    }

    private void SetWindowTimer(long now)
    {
        if (_sent.Count > 0 || Unsent == 0 || _peerWindow > 0)
        {
            _triesWindowAt = long.MaxValue;
        }
        else if (_triesWindowAt == long.MaxValue)
        {
            _triesWindowAt = now + _roundTrip.Timeout;
        }
    }

    private bool TryTakeLost(long now, out OutgoingPacket packet)
    {
        packet = default;
        if (_lost == 0)
        {
            return false;
        }

        for (var i = 0; i < _sent.Count; i++)
        {
            var sequence = UtpSequence.Add(_sent.First, i);
            ref var sent = ref _sent[sequence];
            if (sent.IsLost)
            {
                if (_inFlight > 0 && _inFlight + SizeOf(sent) > _window.Size)
                {
                    return false;
                }

                sent.IsLost = false;
                _lost--;
                packet = Repeat(sequence, ref sent, now);
                return true;
            }
        }

        return false;
    }

    private bool TryTakeTail(long now, out OutgoingPacket packet)
    {
        packet = default;
        if (!_isTailDue)
        {
            return false;
        }

        _isTailDue = false;
        for (var i = _sent.Count - 1; i >= 0; i--)
        {
            var sequence = UtpSequence.Add(_sent.First, i);
            ref var sent = ref _sent[sequence];
            if (!sent.HasArrived && !sent.IsLost)
            {
                _inFlight -= SizeOf(sent);
                packet = Repeat(sequence, ref sent, now);
                return true;
            }
        }

        return false;
    }

    private OutgoingPacket Repeat(ushort sequence, ref SentPacket sent, long now)
    {
        sent.Sends++;
        sent.SentAt = now;
        _inFlight += SizeOf(sent);
        _isTakenNew = false;
        _probe = _probe == sequence ? NoProbe : _probe; // it goes without padding now: its arrival says nothing
        Repeated++;
        return new OutgoingPacket(sequence, sent.Length, 0, sent.IsFin);
    }

    private bool TryTakeNew(long now, out OutgoingPacket packet)
    {
        packet = default;
        _isWindowUsed = false;
        if (_isFinSent || _sent.Count >= UtpLimits.MostInFlight || (Unsent == 0 && !_hasFinished))
        {
            return false;
        }

        if (_sent.Count == 0 && now - _sentAt > _roundTrip.Timeout)
        {
            _window.Idle();
        }

        var length = Math.Min(Unsent, _mtu.Size - UtpHeader.Length);
        var space = (long)_peerWindow - _missing;
        if (length > space)
        {
            if (_missing > 0 || (space <= 0 && !_isWindowTried))
            {
                SetWindowTimer(now);
                return false;
            }

            length = space > 0 ? (int)space : length;
        }

        if (_inFlight > 0 && _inFlight + length + UtpHeader.Length > _window.Size)
        {
            _isWindowUsed = true;
            return false;
        }

        _isWindowTried = false;
        var padding = PaddingFor(length);
        if (_sent.Count == 0)
        {
            _waitsSince = now;
        }

        var sequence = _sent.Next;
        var isFin = length == 0;
        _sent.Add(
            new SentPacket
            {
                Offset = unchecked(_offset + (uint)_cut),
                Length = length,
                SentAt = now,
                Sends = 1,
                IsFin = isFin,
            }
        );
        _cut += length;
        _missing += length;
        _inFlight += length + UtpHeader.Length;
        _isFinSent |= isFin;
        _isTakenNew = true;
        if (padding > 0)
        {
            _probe = sequence;
        }

        packet = new OutgoingPacket(sequence, length, padding, isFin);
        return true;
    }

    /// <summary>A full packet in the middle of many tries a longer length from time to time.</summary>
    private int PaddingFor(int length)
    {
        var isFull = length + UtpHeader.Length == _mtu.Size;
        if (!isFull || _probe != NoProbe || _isRecovering || Unsent <= 2 * length || _mtu.Next is not (> 0 and var size))
        {
            return 0;
        }

        _probeSize = size;
        return size - UtpHeader.Length - length;
    }
}
