namespace Distribyted.BitTorrent.Transport.Utp;

/// <summary>A packet of the stream that is to be sent now.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Length">Bytes of payload.</param>
/// <param name="Padding">Bytes by which its header is longer than it needs to be: it tries a longer packet. 0: none.</param>
/// <param name="IsFin">Whether it is the last of the stream.</param>
internal readonly record struct OutgoingPacket(ushort Sequence, int Length, int Padding, bool IsFin);
