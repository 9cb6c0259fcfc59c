using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>Reads DHT messages in place (BEP 5, 32, 42, 43).</summary>
public static class KrpcReader
{
    /// <summary>Longest datagram that is looked at; what fits through the internet is shorter.</summary>
    public const int MaxLength = 2048;

    /// <summary>Longest transaction id. Known nodes use 2 to 8 bytes.</summary>
    public const int MaxTransactionLength = 32;

    /// <summary>Longest token. Known nodes use 4 to 20 bytes.</summary>
    public const int MaxTokenLength = 128;

    /// <summary>Whether a datagram looks like a DHT message: a bencoded dictionary. No µTP packet begins with that byte.</summary>
    public static bool LooksLikeKrpc(ReadOnlySpan<byte> datagram)
    {
        return datagram is [(byte)'d', .., (byte)'e'];
    }

    /// <summary>Reads one message. Allocates and throws nothing, whatever the bytes are: they may come in floods.</summary>
    /// <param name="datagram">The bytes.</param>
    /// <param name="message">The message.</param>
    /// <returns>Null; else why it is none: the datagram is too long, no such message, or lacks what its kind needs.</returns>
    public static ProtocolError? TryRead(ReadOnlySpan<byte> datagram, out KrpcMessage message)
    {
        message = default;
        if (datagram.Length > MaxLength)
        {
            return ProtocolError.TooLarge;
        }

        var fields = default(Fields);
        var reader = BencodeReader.Quiet(datagram);
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            ReadField(ref reader, key, datagram, ref fields);
        }

        reader.ExpectEndOfBytes();
        return reader.Failure ?? Check(in fields, out message);
    }

    private static void ReadField(ref BencodeReader reader, ReadOnlySpan<byte> key, ReadOnlySpan<byte> datagram, ref Fields fields)
    {
        switch (key)
        {
            case [(byte)'t']:
                fields.Transaction = reader.ReadString();
                break;
            case [(byte)'y']:
                fields.Kind = reader.ReadString();
                break;
            case [(byte)'q']:
                fields.Method = reader.ReadString();
                break;
            case [(byte)'a'] or [(byte)'r'] when reader.Peek() == BencodeKind.Dictionary:
                reader.ReadDictionaryStart();
                while (reader.TryReadKey(out var name))
                {
                    ReadArgument(ref reader, name, datagram, ref fields);
                }

                break;
            case [(byte)'e'] when reader.Peek() == BencodeKind.List:
                ReadError(ref reader, ref fields);
                break;
            case [(byte)'i', (byte)'p']:
                reader.TryReadString(out fields.SeenAs);
                break;
            case [(byte)'r', (byte)'o']:
                reader.TryReadInteger(out fields.ReadOnly);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private static void ReadArgument(ref BencodeReader reader, ReadOnlySpan<byte> name, ReadOnlySpan<byte> datagram, ref Fields fields)
    {
        if (name.SequenceEqual("id"u8))
        {
            reader.TryReadString(out fields.Sender);
        }
        else if (name.SequenceEqual("target"u8) || name.SequenceEqual("info_hash"u8))
        {
            reader.TryReadString(out fields.Target);
        }
        else if (name.SequenceEqual("token"u8))
        {
            reader.TryReadString(out fields.Token);
        }
        else if (name.SequenceEqual("port"u8))
        {
            reader.TryReadInteger(out fields.Port);
        }
        else if (name.SequenceEqual("implied_port"u8))
        {
            reader.TryReadInteger(out fields.ImpliedPort);
        }
        else if (name.SequenceEqual("nodes"u8))
        {
            reader.TryReadString(out fields.Nodes);
        }
        else if (name.SequenceEqual("nodes6"u8))
        {
            reader.TryReadString(out fields.Nodes6);
        }
        else if (name.SequenceEqual("values"u8) && reader.Peek() == BencodeKind.List)
        {
            var start = reader.Position;
            reader.Skip();
            fields.Values = datagram[start..reader.Position]; // after a mistake up to the end
        }
        else if (name.SequenceEqual("want"u8) && reader.Peek() == BencodeKind.List)
        {
            ReadWant(ref reader, ref fields);
        }
        else
        {
            reader.Skip();
        }
    }

    private static void ReadWant(ref BencodeReader reader, ref Fields fields)
    {
        reader.ReadListStart();
        while (!reader.TryReadEnd())
        {
            if (reader.TryReadString(out var family))
            {
                fields.WantsIPv4 |= family.SequenceEqual("n4"u8);
                fields.WantsIPv6 |= family.SequenceEqual("n6"u8);
            }
        }
    }

    private static void ReadError(ref BencodeReader reader, ref Fields fields)
    {
        reader.ReadListStart();
        for (var i = 0; !reader.TryReadEnd(); i++)
        {
            if (i == 0)
            {
                reader.TryReadInteger(out fields.ErrorCode);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static ProtocolError? Check(scoped in Fields fields, out KrpcMessage message)
    {
        message = default;
        KrpcKind? kind = fields.Kind switch
        {
            [(byte)'q'] => KrpcKind.Query,
            [(byte)'r'] => KrpcKind.Response,
            [(byte)'e'] => KrpcKind.Error,
            _ => null,
        };
        var method = kind == KrpcKind.Query ? MethodOf(fields.Method) : KrpcMethod.Unknown;
        var hasTarget = fields.Target.Length == NodeId.Length;
        ProtocolError? error =
            fields.Transaction.Length is 0 or > MaxTransactionLength ? ProtocolError.Invalid
            : kind is null ? ProtocolError.Unsupported
            : kind != KrpcKind.Error && fields.Sender.Length != NodeId.Length ? ProtocolError.Missing
            : method is KrpcMethod.FindNode or KrpcMethod.GetPeers or KrpcMethod.AnnouncePeer && !hasTarget ? ProtocolError.Missing
            : fields.Token.Length > MaxTokenLength ? ProtocolError.TooLarge
            : null;
        if (error is not null)
        {
            return error;
        }

        message = new KrpcMessage
        {
            Kind = kind.GetValueOrDefault(),
            Method = method,
            Transaction = fields.Transaction,
            Sender = kind == KrpcKind.Error ? default : new NodeId(fields.Sender),
            Target = hasTarget ? new NodeId(fields.Target) : default,
            Token = fields.Token,
            Port = fields.Port is > 0 and <= ushort.MaxValue ? (int)fields.Port : 0,
            ImpliedPort = fields.ImpliedPort != 0,
            Nodes = fields.Nodes,
            Nodes6 = fields.Nodes6,
            Values = fields.Values,
            WantsIPv4 = fields.WantsIPv4,
            WantsIPv6 = fields.WantsIPv6,
            IsReadOnly = fields.ReadOnly == 1,
            ErrorCode = fields.ErrorCode,
            SeenAs = AddressOf(fields.SeenAs),
        };
        return null;
    }

    private static KrpcMethod MethodOf(ReadOnlySpan<byte> name)
    {
        return name.SequenceEqual("ping"u8) ? KrpcMethod.Ping
            : name.SequenceEqual("find_node"u8) ? KrpcMethod.FindNode
            : name.SequenceEqual("get_peers"u8) ? KrpcMethod.GetPeers
            : name.SequenceEqual("announce_peer"u8) ? KrpcMethod.AnnouncePeer
            : KrpcMethod.Unknown;
    }

    /// <summary>BEP 42 has an address and a port; some nodes leave out the port.</summary>
    private static PeerEndPoint? AddressOf(ReadOnlySpan<byte> bytes)
    {
        return bytes.Length switch
        {
            6 or 18 => PeerEndPoint.ReadCompact(bytes),
            4 or 16 => new PeerEndPoint(bytes, 0),
            _ => null,
        };
    }

    private ref struct Fields
    {
        public ReadOnlySpan<byte> Transaction;
        public ReadOnlySpan<byte> Kind;
        public ReadOnlySpan<byte> Method;
        public ReadOnlySpan<byte> Sender;
        public ReadOnlySpan<byte> Target;
        public ReadOnlySpan<byte> Token;
        public ReadOnlySpan<byte> Nodes;
        public ReadOnlySpan<byte> Nodes6;
        public ReadOnlySpan<byte> Values;
        public ReadOnlySpan<byte> SeenAs;
        public long Port;
        public long ImpliedPort;
        public long ReadOnly;
        public long ErrorCode;
        public bool WantsIPv4;
        public bool WantsIPv6;
    }
}
