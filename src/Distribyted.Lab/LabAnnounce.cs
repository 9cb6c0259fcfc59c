using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Lab;

/// <summary>One announce as the lab's tracker received it.</summary>
/// <param name="InfoHash">Which torrent.</param>
/// <param name="Peer">Where the peer says it listens: the sender's address and the announced port.</param>
/// <param name="Event"><c>started</c>, <c>stopped</c>, <c>completed</c>, or empty.</param>
/// <param name="Left">Bytes that the peer says it lacks.</param>
/// <param name="NumWant">Peers asked for; -1: not said.</param>
/// <param name="Udp">Whether it came by UDP (BEP 15).</param>
/// <param name="Query">The parameters by name, not decoded; for UDP the URL data (BEP 41) under the empty name.</param>
public sealed record LabAnnounce(
    InfoHash InfoHash,
    PeerEndPoint Peer,
    string Event,
    long Left,
    int NumWant,
    bool Udp,
    IReadOnlyDictionary<string, string> Query
);
