using System.Buffers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>What is to be done when the lock of a <see cref="DhtNode"/> is released: datagrams to send and calls to make. Used by one thread at a time, and again.</summary>
internal sealed class NodeWork
{
    private readonly ArrayBufferWriter<byte> _bytes = new(KrpcWriter.MaxLength);
    private readonly List<(int Start, int Length, PeerEndPoint To)> _datagrams = [];
    private readonly List<Action> _calls = [];
    private int _start;

    public NodeWork()
    {
        Writer = new KrpcWriter(_bytes);
    }

    /// <summary>Writes the next datagram; <see cref="Send"/> or <see cref="Drop"/> ends it.</summary>
    public KrpcWriter Writer { get; }

    /// <summary>Bytes that were written since the last datagram.</summary>
    public int Written => _bytes.WrittenCount - _start;

    public void Send(PeerEndPoint to)
    {
        _datagrams.Add((_start, Written, to));
        _start = _bytes.WrittenCount;
    }

    public void Drop()
    {
        _start = _bytes.WrittenCount;
    }

    public void Call(Action call)
    {
        _calls.Add(call);
    }

    /// <summary>Does it all, and is empty again. Never throws.</summary>
    public void Finish(IDatagramPort port, ILogger logger)
    {
        foreach (var (start, length, to) in _datagrams)
        {
            port.TrySend(_bytes.WrittenSpan.Slice(start, length), to);
        }

        foreach (var call in _calls)
        {
            Background.Try("DHT", logger, call);
        }

        _datagrams.Clear();
        _calls.Clear();
        _bytes.ResetWrittenCount();
        _start = 0;
    }
}
