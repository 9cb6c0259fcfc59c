using System.Diagnostics.CodeAnalysis;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Peers;

/// <summary>BITFIELD, HAVE, HAVE_ALL and HAVE_NONE of a peer that came before the metadata, in their order and bounded: what they mean is known later.</summary>
internal sealed class EarlyMessages
{
    internal const int MaxBytes = 256 * 1024;

    private const int Overhead = 5; // of a message on the wire: its length and its kind

    private readonly Queue<(PeerMessageKind Kind, int Piece, byte[] Bits)> _messages = new();
    private int _bytes;

    /// <param name="kind">What came.</param>
    /// <param name="piece">Of HAVE.</param>
    /// <param name="bits">Of BITFIELD.</param>
    /// <exception cref="ProtocolException">The peer announces more than any torrent has.</exception>
    public void Keep(PeerMessageKind kind, int piece, ReadOnlySpan<byte> bits)
    {
        _bytes += bits.Length + Overhead;
        if (_bytes > MaxBytes)
        {
            throw new ProtocolException(ProtocolError.TooLarge, "The peer announces more pieces than any torrent has.");
        }

        _messages.Enqueue((kind, piece, bits.ToArray()));
    }

    public bool TryTake(out PeerMessageKind kind, out int piece, [NotNullWhen(true)] out byte[]? bits)
    {
        var isTaken = _messages.TryDequeue(out var message);
        (kind, piece, bits) = message;
        return isTaken;
    }
}
