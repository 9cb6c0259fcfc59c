namespace Distribyted.BitTorrent.Discovery.Trackers.Udp;

/// <summary>Whether a datagram has the shape of an answer.</summary>
internal delegate bool UdpAnswerCheck(ReadOnlySpan<byte> datagram);
