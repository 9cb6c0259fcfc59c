using System.Buffers;
using System.Buffers.Binary;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Dht;

/// <summary>Writes DHT messages (BEP 5, 32, 42, 43). Not safe for use by many threads.</summary>
public sealed class KrpcWriter
{
    /// <summary>Longest message that is written: it fits into one packet on any line.</summary>
    public const int MaxLength = 1280;

    /// <summary>Bytes of a ping, 7 more when it says that we are read-only.</summary>
    public const int PingLength = 58;

    private const int NodesHeader = 12; // "6:nodes6" and a length of three digits with its colon
    private const int ValuesHeader = 10; // "6:valuesl" and its "e"

    private readonly BencodeWriter _writer;

    /// <param name="output">Takes the bytes.</param>
    public KrpcWriter(IBufferWriter<byte> output)
    {
        _writer = new BencodeWriter(output);
    }

    /// <summary>Writes a question.</summary>
    public void WriteQuery(in KrpcQuery query)
    {
        Span<byte> id = stackalloc byte[NodeId.Length];
        query.Self.CopyTo(id);
        _writer.Dictionary().Key("a"u8).Dictionary().Key("id"u8).String(id);
        query.Target.CopyTo(id);
        switch (query.Method)
        {
            case KrpcMethod.FindNode:
                _writer.Key("target"u8).String(id);
                break;
            case KrpcMethod.GetPeers:
                _writer.Key("info_hash"u8).String(id);
                break;
            case KrpcMethod.AnnouncePeer:
                _writer.Key("info_hash"u8).String(id).Key("port"u8).Integer(query.Port).Key("token"u8).String(query.Token);
                break;
        }

        if (query.WantsBoth && query.Method is KrpcMethod.FindNode or KrpcMethod.GetPeers)
        {
            _writer.Key("want"u8).List().String("n4"u8).String("n6"u8).End();
        }

        _writer.End().Key("q"u8).String(NameOf(query.Method));
        if (query.IsReadOnly)
        {
            _writer.Key("ro"u8).Integer(1);
        }

        Span<byte> transaction = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(transaction, query.Transaction);
        _writer.Key("t"u8).String(transaction).Key("y"u8).String("q"u8).End();
    }

    /// <summary>Writes an answer of at most <paramref name="maxLength"/> bytes: the token, where its asker is, peers and nodes, as long as they fit.</summary>
    /// <returns>False: not even the shortest answer fits; nothing was written.</returns>
    public bool TryWriteAnswer(in KrpcAnswer answer, int maxLength)
    {
        var left = Math.Min(maxLength, MaxLength) - ShortestAnswer(answer.Transaction.Length);
        if (left < 0)
        {
            return false;
        }

        var token = answer.Token.IsEmpty || !Take(ref left, 7 + StringLength(answer.Token.Length)) ? [] : answer.Token; // "5:token"
        var tellsAddress = Take(ref left, 4 + StringLength(answer.Asker.CompactLength)); // "2:ip"
        var values = Fitting(answer.Values, static peer => StringLength(peer.CompactLength), ValuesHeader, ref left);
        var nodes = Fitting(answer.Nodes, static _ => CompactNode.LengthIPv4, NodesHeader, ref left);
        var nodes6 = Fitting(answer.Nodes6, static _ => CompactNode.LengthIPv6, NodesHeader, ref left);

        Span<byte> bytes = stackalloc byte[NodeId.Length];
        _writer.Dictionary();
        if (tellsAddress)
        {
            _writer.Key("ip"u8).String(bytes[..answer.Asker.WriteCompact(bytes)]);
        }

        answer.Self.CopyTo(bytes);
        _writer.Key("r"u8).Dictionary().Key("id"u8).String(bytes);
        WriteNodes("nodes"u8, answer.Nodes, nodes);
        WriteNodes("nodes6"u8, answer.Nodes6, nodes6);
        if (!token.IsEmpty)
        {
            _writer.Key("token"u8).String(token);
        }

        if (values > 0)
        {
            _writer.Key("values"u8).List();
            for (var i = 0; i < values; i++)
            {
                _writer.String(bytes[..answer.Values[i].WriteCompact(bytes)]);
            }

            _writer.End();
        }

        _writer.End().Key("t"u8).String(answer.Transaction).Key("y"u8).String("r"u8).End();
        return true;
    }

    /// <summary>Bytes of the shortest answer, <c>d1:rd2:id20:...e1:tN:...1:y1:re</c>.</summary>
    /// <param name="transaction">Bytes of the transaction id.</param>
    public static int ShortestAnswer(int transaction)
    {
        return 5 + 4 + StringLength(NodeId.Length) + 1 + 3 + StringLength(transaction) + 7;
    }

    /// <summary>Writes a refusal.</summary>
    /// <param name="transaction">That of the query.</param>
    /// <param name="code">201 generic, 202 server, 203 protocol, 204 method unknown.</param>
    /// <param name="message">For those who look at packets; short.</param>
    public void WriteError(ReadOnlySpan<byte> transaction, int code, ReadOnlySpan<byte> message)
    {
        _writer.Dictionary().Key("e"u8).List().Integer(code).String(message).End();
        _writer.Key("t"u8).String(transaction).Key("y"u8).String("e"u8).End();
    }

    private static ReadOnlySpan<byte> NameOf(KrpcMethod method)
    {
        return method switch
        {
            KrpcMethod.Ping => "ping"u8,
            KrpcMethod.FindNode => "find_node"u8,
            KrpcMethod.GetPeers => "get_peers"u8,
            KrpcMethod.AnnouncePeer => "announce_peer"u8,
            _ => throw new ArgumentOutOfRangeException(nameof(method)),
        };
    }

    private static int StringLength(int bytes)
    {
        var digits = bytes switch
        {
            < 10 => 1,
            < 100 => 2,
            _ => 3,
        };
        return digits + 1 + bytes;
    }

    private static bool Take(ref int left, int bytes)
    {
        if (bytes > left)
        {
            return false;
        }

        left -= bytes;
        return true;
    }

    private static int Fitting<T>(IReadOnlyList<T>? list, Func<T, int> length, int header, ref int left)
    {
        var count = 0;
        var rest = left - header;
        while (list is not null && count < list.Count && Take(ref rest, length(list[count])))
        {
            count++;
        }

        left = count > 0 ? rest : left;
        return count;
    }

    private void WriteNodes(ReadOnlySpan<byte> key, IReadOnlyList<CompactNode> nodes, int count)
    {
        if (count == 0)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[count * CompactNode.LengthIPv6];
        var length = 0;
        for (var i = 0; i < count; i++)
        {
            length += nodes[i].Write(bytes[length..]);
        }

        _writer.Key(key).String(bytes[..length]);
    }
}
