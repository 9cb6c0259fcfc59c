using System.Buffers;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>What is said about a piece of metadata (BEP 9).</summary>
public enum MetadataMessageKind
{
    /// <summary>Asks for one part of the metadata.</summary>
    Request = 0,

    /// <summary>Carries one part of the metadata.</summary>
    Data = 1,

    /// <summary>The part will not be sent.</summary>
    Reject = 2,

    /// <summary>To be ignored, as BEP 9 asks.</summary>
    Unknown = 3,
}

/// <summary>One message of <c>ut_metadata</c> (BEP 9), as it lies in the receive buffer.</summary>
public readonly ref struct MetadataMessage
{
    /// <summary>Bytes of each piece of metadata but the last.</summary>
    public const int PieceLength = 16 * 1024;

    /// <summary>Request, data or reject.</summary>
    public MetadataMessageKind Kind { get; init; }

    /// <summary>Which piece of the metadata.</summary>
    public int Piece { get; init; }

    /// <summary>Data: bytes of the whole metadata; 0 when the peer left it out.</summary>
    public int TotalSize { get; init; }

    /// <summary>Data: the bytes, 1 to <see cref="PieceLength"/>.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>How many pieces so many bytes of metadata have.</summary>
    public static int PieceCount(int metadataSize)
    {
        return (metadataSize / PieceLength) + (metadataSize % PieceLength == 0 ? 0 : 1);
    }

    /// <summary>Reads the text of an extended message.</summary>
    /// <exception cref="ProtocolException">Not such a message, or a number beyond the limits.</exception>
    public static MetadataMessage Read(ReadOnlySpan<byte> payload)
    {
        long kind = -1;
        long piece = -1;
        long totalSize = 0;
        var reader = BencodeReader.Lenient(payload);
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("msg_type"u8))
            {
                kind = reader.ReadInteger();
            }
            else if (key.SequenceEqual("piece"u8))
            {
                piece = reader.ReadInteger();
            }
            else if (key.SequenceEqual("total_size"u8))
            {
                totalSize = reader.ReadInteger();
            }
            else
            {
                reader.Skip();
            }
        }

        if (kind is < 0 or > 2)
        {
            return new MetadataMessage { Kind = MetadataMessageKind.Unknown };
        }

        if (piece is < 0 or >= ExtensionHandshake.MaxMetadataSize / PieceLength)
        {
            throw new ProtocolException(ProtocolError.Invalid, $"Metadata has no piece {piece}.");
        }

        if (totalSize is < 0 or > ExtensionHandshake.MaxMetadataSize)
        {
            throw new ProtocolException(ProtocolError.TooLarge, $"The peer claims {totalSize} bytes of metadata.");
        }

        var data = kind == (long)MetadataMessageKind.Data ? CheckData(reader.Rest) : default;
        return new MetadataMessage
        {
            Kind = (MetadataMessageKind)kind,
            Piece = (int)piece,
            TotalSize = (int)totalSize,
            Data = data,
        };
    }

    /// <summary>Asks for a piece.</summary>
    public static void WriteRequest(IBufferWriter<byte> output, int piece)
    {
        Write(output, MetadataMessageKind.Request, piece, null);
    }

    /// <summary>Says that a piece will not be sent.</summary>
    public static void WriteReject(IBufferWriter<byte> output, int piece)
    {
        Write(output, MetadataMessageKind.Reject, piece, null);
    }

    /// <summary>Sends a piece, cut out of the whole metadata.</summary>
    public static void WriteData(IBufferWriter<byte> output, int piece, ReadOnlySpan<byte> metadata)
    {
        Write(output, MetadataMessageKind.Data, piece, metadata.Length);
        var start = piece * PieceLength;
        output.Write(metadata.Slice(start, Math.Min(PieceLength, metadata.Length - start)));
    }

    private static void Write(IBufferWriter<byte> output, MetadataMessageKind kind, int piece, int? totalSize)
    {
        var writer = new BencodeWriter(output).Dictionary();
        writer.Key("msg_type"u8).Integer((long)kind).Key("piece"u8).Integer(piece);
        if (totalSize is { } size)
        {
            writer.Key("total_size"u8).Integer(size);
        }

        writer.End();
    }

    private static ReadOnlySpan<byte> CheckData(ReadOnlySpan<byte> data)
    {
        if (data.Length is 0 or > PieceLength)
        {
            throw new ProtocolException(ProtocolError.Invalid, $"A piece of metadata has 1 to {PieceLength} bytes, not {data.Length}.");
        }

        return data;
    }
}
