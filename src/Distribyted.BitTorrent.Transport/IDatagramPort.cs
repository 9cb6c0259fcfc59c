using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Transport;

/// <summary>Looks at one datagram. Called by the thread that receives, one call at a time for each address family: it must not block and must not throw.</summary>
/// <param name="datagram">Its bytes, valid during the call only.</param>
/// <param name="from">Who sent it, as far as that can be believed: senders of UDP can be forged.</param>
/// <returns>Whether it was for this receiver; otherwise the next one is asked.</returns>
public delegate bool DatagramReceiver(ReadOnlySpan<byte> datagram, PeerEndPoint from);

/// <summary>The UDP port that µTP and the DHT share; its number is that of the TCP port. Safe for use by many threads.</summary>
public interface IDatagramPort
{
    /// <summary>The port that was opened; 0 before that.</summary>
    int Port { get; }

    /// <summary>Whether datagrams of this family can be sent and received.</summary>
    bool Has(AddressFamily family);

    /// <summary>Sends one datagram, or drops it when the system has no space for it at this moment. Never waits and never throws.</summary>
    /// <returns>Whether the system took it.</returns>
    bool TrySend(ReadOnlySpan<byte> datagram, PeerEndPoint to);

    /// <summary>Adds a receiver; those added first are asked first. Before the port receives.</summary>
    void Register(DatagramReceiver receiver);

    /// <summary>Adds a callback for the moment when all datagrams that had arrived were received: what answers several of them can send one answer.
    /// Called like a receiver, after each datagram at the latest when no other waits. Before the port receives.</summary>
    void RegisterDrained(Action drained) { }
}
