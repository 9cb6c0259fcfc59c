using System.Buffers;
using System.Numerics;
using Distribyted.BitTorrent.Protocol.Utp;

namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>The receiving half of a connection: puts packets into their order. Pure, bounded in memory. Not safe for use by several threads.</summary>
/// <param name="acknowledged">The number before the first packet that is expected.</param>
internal sealed class UtpReceiver(ushort acknowledged)
{
    private const int MaskMost = UtpLimits.ReorderWindow / 8;
    private const int NoFin = -1;

    // A peer that respects the window never fills it behind a gap and before it at once; one that does not must not overflow it.
    private readonly ByteRing _bytes = new(2 * UtpLimits.ReceiveBuffer);
    private Packet[] _packets = []; // behind the gap, by sequence number modulo its length, a power of two
    private int _kept; // of them
    private int _keptBytes;
    private int _farthest; // how far the last of them is behind the acknowledged one
    private int _fin = NoFin;
    private uint _advertised = UtpLimits.ReceiveBuffer;

    /// <summary>The last packet before the first gap.</summary>
    public ushort Acknowledged { get; private set; } = acknowledged;

    /// <summary>Bytes that can be read.</summary>
    public int Readable => _bytes.Count;

    /// <summary>Whether the peer has ended the stream and all of it is here.</summary>
    public bool HasEnded => _fin == Acknowledged;

    /// <summary>Whether packets are kept behind a gap.</summary>
    public bool HasGap => _kept > 0;

    /// <summary>Bytes that can be taken at the moment.</summary>
    private int Space => Math.Max(0, UtpLimits.ReceiveBuffer - _bytes.Count - _keptBytes);

    /// <summary>A packet of the stream came; one that came before, or for which there is no room, is dropped.</summary>
    public void Received(ushort sequence, ReadOnlySpan<byte> payload, bool isFin)
    {
        var ahead = UtpSequence.Distance(Acknowledged, sequence);
        if (ahead <= 0 || ahead >= UtpLimits.ReorderWindow || (_fin != NoFin && UtpSequence.Distance((ushort)_fin, sequence) > 0))
        {
            return;
        }

        if (ahead > 1)
        {
            Keep(sequence, ahead, payload, isFin);
        }
        else if (payload.Length <= UtpLimits.ReceiveBuffer - _bytes.Count)
        {
            _fin = isFin ? sequence : _fin;
            Append(sequence, payload);
            AppendKept();
        }
    }

    /// <summary>Copies bytes of the stream.</summary>
    /// <param name="destination">Is filled as far as there are bytes.</param>
    /// <param name="opensWindow">Whether the peer should hear that there is room again.</param>
    public int Read(Span<byte> destination, out bool opensWindow)
    {
        var count = _bytes.Read(destination);
        opensWindow = _advertised < UtpLimits.ReceiveBuffer / 4 && Space - _advertised >= UtpLimits.ReceiveBuffer / 4;
        return count;
    }

    /// <summary>What the peer is told now.</summary>
    public uint Advertise()
    {
        return _advertised = (uint)Space;
    }

    /// <summary>Writes which packets are here behind the gap.</summary>
    /// <param name="mask">At least 128 bytes.</param>
    /// <returns>Bytes written, a multiple of four; 0: there is no gap.</returns>
    public int WriteSelectiveAck(Span<byte> mask)
    {
        if (_kept == 0)
        {
            return 0;
        }

        var length = Math.Min(((_farthest - UtpSelectiveAck.FirstOffset) / 32 * 4) + 4, MaskMost);
        mask[..length].Clear();
        var last = Math.Min(_farthest, UtpSelectiveAck.FirstOffset + (length * 8) - 1);
        for (var ahead = UtpSelectiveAck.FirstOffset; ahead <= last; ahead++)
        {
            if (At(UtpSequence.Add(Acknowledged, ahead)).IsHere)
            {
                UtpSelectiveAck.Add(mask, ahead - UtpSelectiveAck.FirstOffset);
            }
        }

        return length;
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        _bytes.Clear();
        foreach (ref var packet in _packets.AsSpan())
        {
            Return(ref packet);
        }

        _packets = [];
        _kept = _keptBytes = 0;
    }

    private static void Return(ref Packet packet)
    {
        if (packet.Bytes is { Length: > 0 } bytes)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        packet = default;
    }

    private ref Packet At(ushort sequence)
    {
        return ref _packets[sequence & (_packets.Length - 1)];
    }

    private void Keep(ushort sequence, int ahead, ReadOnlySpan<byte> payload, bool isFin)
    {
        if (ahead >= _packets.Length)
        {
            Grow(ahead + 1);
        }

        ref var packet = ref At(sequence);
        if (packet.IsHere || payload.Length > Space)
        {
            return;
        }

        packet.IsHere = true;
        packet.IsFin = isFin;
        packet.Length = payload.Length;
        packet.Bytes = payload.IsEmpty ? [] : ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(packet.Bytes);
        _kept++;
        _keptBytes += payload.Length;
        _farthest = Math.Max(_farthest, ahead);
    }

    private void Append(ushort sequence, ReadOnlySpan<byte> payload)
    {
        _bytes.Write(payload);
        Acknowledged = sequence;
        _farthest = Math.Max(0, _farthest - 1);
    }

    private void AppendKept()
    {
        while (_kept > 0 && !HasEnded)
        {
            var next = UtpSequence.Add(Acknowledged, 1);
            ref var packet = ref At(next);
            if (!packet.IsHere)
            {
                return;
            }

            _fin = packet.IsFin ? next : _fin;
            Append(next, packet.Bytes.AsSpan(0, packet.Length));
            _kept--;
            _keptBytes -= packet.Length;
            Return(ref packet);
        }
    }

    private void Grow(int length)
    {
        var larger = new Packet[BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, 32))];
        for (var ahead = 1; ahead <= _farthest && _kept > 0; ahead++)
        {
            var sequence = UtpSequence.Add(Acknowledged, ahead);
            larger[sequence & (larger.Length - 1)] = At(sequence);
        }

        _packets = larger;
    }

    private struct Packet
    {
        public byte[]? Bytes;
        public int Length;
        public bool IsHere;
        public bool IsFin;
    }
}
