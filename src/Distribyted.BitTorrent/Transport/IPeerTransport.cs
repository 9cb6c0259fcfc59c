using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport;

/// <summary>A reliable byte stream to one peer. One receive and one send may be under way at once.</summary>
internal interface IPeerTransport : IDisposable
{
    /// <summary>The other end.</summary>
    PeerEndPoint Remote { get; }

    /// <summary>Receives at least one byte; 0: the peer has closed. An empty buffer waits until there is something to receive.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>A hint: nothing can be done with fewer than so many further bytes, so a receive that waits need not end before; 1: any will do.</summary>
    /// <remarks>It may come while a receive waits, and then is about that one. Never throws; a receive may still end with fewer.</remarks>
    void Expect(int bytes);

    /// <summary>Bytes that have come and were not received yet; 0 when that is not known.</summary>
    int Unread { get; }

    /// <summary>Ends the connection when what is sent from now on is not acknowledged in time; zero: as long as the system waits. Only where the system
    /// can do it (Linux).</summary>
    void EndUnlessAcknowledgedWithin(TimeSpan time);

    /// <summary>Makes <see cref="IDisposable.Dispose"/> tell the other end at once (RST) instead of waiting behind what it has not acknowledged.</summary>
    void AbortOnDispose();

    /// <summary>Sends all of it.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken);
}
