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

    /// <summary>Sends all of it.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken);
}
