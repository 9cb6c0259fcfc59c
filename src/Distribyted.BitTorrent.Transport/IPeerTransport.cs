using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport;

/// <summary>A reliable byte stream to one peer. One receive and one send may be under way at once.</summary>
public interface IPeerTransport : IDisposable
{
    /// <summary>The other end.</summary>
    PeerEndPoint Remote { get; }

    /// <summary>Whether it goes over µTP: then <see cref="Remote"/> is where the peer receives datagrams.</summary>
    bool IsUtp => false;

    /// <summary>Receives at least one byte. An empty buffer waits until there is something to receive.</summary>
    /// <returns>Bytes received; 0: the peer has closed.</returns>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Says how many bytes the next receive needs before it is worth waking for; 1: any number.</summary>
    /// <remarks>A hint: a receive may still end with fewer. It may be called while a receive waits, and then applies to that one. Never throws.</remarks>
    void Expect(int bytes);

    /// <summary>Bytes that have arrived and were not received yet; 0 when that is not known.</summary>
    int Unread { get; }

    /// <summary>Ends the connection when what is sent from now on is not acknowledged in time; zero: as long as the system waits. Only where the system
    /// can do it (Linux).</summary>
    void EndUnlessAcknowledgedWithin(TimeSpan time);

    /// <summary>Makes <see cref="IDisposable.Dispose"/> tell the other end at once (RST) instead of waiting behind what it has not acknowledged.</summary>
    void AbortOnDispose();

    /// <summary>Sends all of it.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken);
}
