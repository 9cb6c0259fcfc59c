namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>One message as it lies in the receive buffer: valid until those bytes are given back.</summary>
/// <remarks>Piece, offset and length are as the peer sent them: not negative, but checked against the torrent by the caller.</remarks>
public readonly ref struct PeerMessage
{
    /// <summary>What it is; decides which of the others mean something.</summary>
    public PeerMessageKind Kind { get; init; }

    /// <summary>Have, Request, Piece, Cancel, Suggest, Reject, AllowedFast.</summary>
    public int Piece { get; init; }

    /// <summary>Request, Piece, Cancel, Reject: bytes from the start of the piece.</summary>
    public int Offset { get; init; }

    /// <summary>Request, Cancel, Reject: bytes asked for. Piece: bytes of <see cref="Payload"/>.</summary>
    public int Length { get; init; }

    /// <summary>Extended: 0 is the handshake, others are ids that we gave out in ours (BEP 10).</summary>
    public byte ExtensionId { get; init; }

    /// <summary>Port: where the peer's DHT node listens (BEP 5).</summary>
    public ushort Port { get; init; }

    /// <summary>Piece: the block. Bitfield: its bytes. Extended: what follows the id. Unknown: everything after the type.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }
}
