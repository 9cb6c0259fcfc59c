using System.Buffers;
using System.Net;
using System.Text;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>What a peer says of itself (BEP 10). Null: it did not say. May come again later; only what it then says changes.</summary>
public sealed record ExtensionHandshake
{
    /// <summary>The id of an extended message that is a handshake (BEP 10).</summary>
    public const byte Id = 0;

    /// <summary>Most bytes of metadata that anyone may have; also the limit of a <c>.torrent</c> file.</summary>
    public const int MaxMetadataSize = 32 * 1024 * 1024;

    private const int MaxClientLength = 64;

    /// <summary><c>m</c>: under which id, 1 to 255, it wants the messages of each extension; 0: switched off.</summary>
    public NamedNumbers Ids { get; init; } = NamedNumbers.None;

    /// <summary>Integers of extensions, under keys that are not listed here.</summary>
    public NamedNumbers Numbers { get; init; } = NamedNumbers.None;

    /// <summary>Bytes of the info dictionary, 1 to <see cref="MaxMetadataSize"/> (BEP 9).</summary>
    public int? MetadataSize { get; init; }

    /// <summary><c>reqq</c>: how many requests it queues; at least 1.</summary>
    public int? RequestQueue { get; init; }

    /// <summary><c>v</c>: name and version, printable, at most 64 characters.</summary>
    public string? Client { get; init; }

    /// <summary><c>yourip</c>: our address as it sees it. A claim.</summary>
    public IPAddress? YourIp { get; init; }

    /// <summary><c>p</c>: the port where it listens.</summary>
    public int? ListenPort { get; init; }

    /// <summary>Reads the text of extended message 0.</summary>
    /// <exception cref="ProtocolException">Not a dictionary, or metadata beyond every limit.</exception>
    public static ExtensionHandshake Read(ReadOnlySpan<byte> payload)
    {
        var result = new ExtensionHandshake();
        var reader = BencodeReader.Lenient(payload);
        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var key))
        {
            if (key.SequenceEqual("m"u8))
            {
                result = result with { Ids = ReadIds(ref reader) };
            }
            else if (key.SequenceEqual("metadata_size"u8))
            {
                var known = reader.TryReadInteger(out var size) && size > 0; // 0: it has none itself
                result = known ? result with { MetadataSize = CheckSize(size) } : result;
            }
            else if (key.SequenceEqual("p"u8))
            {
                var known = reader.TryReadInteger(out var port) && port is > 0 and <= 65535;
                result = known ? result with { ListenPort = (int)port } : result;
            }
            else if (key.SequenceEqual("reqq"u8))
            {
                var known = reader.TryReadInteger(out var queue) && queue > 0;
                result = known ? result with { RequestQueue = (int)Math.Min(queue, int.MaxValue) } : result;
            }
            else if (key.SequenceEqual("v"u8))
            {
                var known = reader.TryReadString(out var client);
                result = known ? result with { Client = Printable(client) } : result;
            }
            else if (key.SequenceEqual("yourip"u8))
            {
                var known = reader.TryReadString(out var ip) && ip.Length is 4 or 16;
                result = known ? result with { YourIp = new IPAddress(ip) } : result;
            }
            else if (reader.TryReadInteger(out var number))
            {
                result = result with { Numbers = result.Numbers.WithReceived(key, number) };
            }
        }

        return result;
    }

    /// <summary>Under which id the peer wants the messages of this extension; 0: it does not speak it, or switched it off.</summary>
    public byte IdOf(string extension)
    {
        return (byte)(Ids[extension] ?? 0);
    }

    /// <summary>The same with the id of one more extension.</summary>
    public ExtensionHandshake WithId(string extension, byte id)
    {
        return this with { Ids = Ids.With(extension, id) };
    }

    /// <summary>What is known after a later handshake of the same peer: what it says now, and what it said before where it is silent.</summary>
    public ExtensionHandshake Then(ExtensionHandshake later)
    {
        return new ExtensionHandshake
        {
            Ids = Ids.Then(later.Ids),
            Numbers = Numbers.Then(later.Numbers),
            MetadataSize = later.MetadataSize ?? MetadataSize,
            RequestQueue = later.RequestQueue ?? RequestQueue,
            Client = later.Client ?? Client,
            YourIp = later.YourIp ?? YourIp,
            ListenPort = later.ListenPort ?? ListenPort,
        };
    }

    /// <summary>Writes the text of extended message 0.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new BencodeWriter(output).Dictionary();
        var numbers = Numbers.Entries;
        WriteUpTo("m", writer, ref numbers);
        writer.Key("m"u8).Dictionary();
        foreach (var (name, id) in Ids.Entries)
        {
            WriteNumber(writer, name, id);
        }

        writer.End();
        WriteUpTo("metadata_size", writer, ref numbers);
        WriteNumber(writer, "metadata_size", MetadataSize);
        WriteUpTo("p", writer, ref numbers);
        WriteNumber(writer, "p", ListenPort);
        WriteUpTo("reqq", writer, ref numbers);
        WriteNumber(writer, "reqq", RequestQueue);
        WriteUpTo("v", writer, ref numbers);
        if (Client is not null)
        {
            writer.Key("v"u8).String(Client);
        }

        WriteUpTo("yourip", writer, ref numbers);
        if (YourIp is not null)
        {
            writer.Key("yourip"u8).String(YourIp.GetAddressBytes());
        }

        WriteUpTo(null, writer, ref numbers);
        writer.End();
    }

    private static NamedNumbers ReadIds(ref BencodeReader reader)
    {
        var ids = NamedNumbers.None;
        if (reader.Peek() != BencodeKind.Dictionary)
        {
            reader.Skip();
            return ids;
        }

        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var name))
        {
            if (reader.TryReadInteger(out var id) && id is >= 0 and <= 255)
            {
                ids = ids.WithReceived(name, id);
            }
        }

        return ids;
    }

    private static int CheckSize(long metadataSize)
    {
        if (metadataSize > MaxMetadataSize)
        {
            throw new ProtocolException(ProtocolError.TooLarge, $"The peer claims {metadataSize} bytes of metadata.");
        }

        return (int)metadataSize;
    }

    private static string Printable(ReadOnlySpan<byte> text)
    {
        var client = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxClientLength)]);
        return string.Create(
            client.Length,
            client,
            static (span, from) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = char.IsControl(from[i]) ? '.' : from[i];
                }
            }
        );
    }

    /// <summary>Writes the numbers whose keys come before this one: the keys of a dictionary are sorted (BEP 3).</summary>
    private static void WriteUpTo(string? key, BencodeWriter writer, ref ReadOnlySpan<(string Name, long Value)> numbers)
    {
        while (!numbers.IsEmpty && (key is null || string.CompareOrdinal(numbers[0].Name, key) < 0))
        {
            WriteNumber(writer, numbers[0].Name, numbers[0].Value);
            numbers = numbers[1..];
        }
    }

    private static void WriteNumber(BencodeWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.Key(Encoding.ASCII.GetBytes(name)).Integer(number);
        }
    }
}
