using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Peers;

/// <summary>A block that a peer asked for.</summary>
internal readonly record struct UploadRequest(int Piece, int Offset, int Length)
{
    /// <summary>Longest message of one block.</summary>
    public const int MaxMessageLength = PieceLayout.BlockLength + PeerMessageWriter.PieceHeaderLength;

    /// <summary>Bytes of its PIECE message.</summary>
    public int MessageLength => Length + PeerMessageWriter.PieceHeaderLength;
}
