namespace Distribyted.BitTorrent.Discovery;

/// <summary>Whether a datagram has the shape of an answer.</summary>
internal delegate bool UdpAnswerCheck(ReadOnlySpan<byte> datagram);
