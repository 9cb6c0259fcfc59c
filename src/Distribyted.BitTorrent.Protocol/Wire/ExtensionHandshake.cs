using System.Buffers;
using System.Net;
using System.Text;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>What a peer says of itself (BEP 10). Null: it did not say. May come again later; only what it then says changes.</summary>
internal sealed record ExtensionHandshake
{
    /// <summary>Most bytes of metadata that anyone may have; also the limit of a <c>.torrent</c> file.</summary>
    public const int MaxMetadataSize = 32 * 1024 * 1024;

    private const int MaxClientLength = 64;

    /// <summary>Id for <c>ut_metadata</c> (BEP 9); 0: switched off.</summary>
    public byte? MetadataId { get; init; }

    /// <summary>Id for <c>ut_pex</c> (BEP 11); 0: switched off.</summary>
    public byte? PexId { get; init; }

    /// <summary>Id for <c>lt_donthave</c> (BEP 54); 0: switched off.</summary>
    public byte? DontHaveId { get; init; }

    /// <summary>Id for <c>upload_only</c> (BEP 21); 0: switched off.</summary>
    public byte? UploadOnlyId { get; init; }

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

    /// <summary><c>upload_only</c>: it will not ask for anything (BEP 21).</summary>
    public bool? UploadOnly { get; init; }

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
                result = ReadIds(ref reader, result);
            }
            else if (key.SequenceEqual("metadata_size"u8))
            {
                var known = reader.TryReadInteger(out var size) && size > 0; // 0: it has none itself
                result = known ? result with { MetadataSize = Judge(size) } : result;
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
            else if (key.SequenceEqual("upload_only"u8))
            {
                var known = reader.TryReadInteger(out var uploadOnly);
                result = known ? result with { UploadOnly = uploadOnly != 0 } : result;
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
            else
            {
                reader.Skip();
            }
        }

        return result;
    }

    /// <summary>What is known after a later handshake of the same peer: what it says now, and what it said before where it is silent.</summary>
    public ExtensionHandshake Then(ExtensionHandshake later)
    {
        return new ExtensionHandshake
        {
            MetadataId = later.MetadataId ?? MetadataId,
            PexId = later.PexId ?? PexId,
            DontHaveId = later.DontHaveId ?? DontHaveId,
            UploadOnlyId = later.UploadOnlyId ?? UploadOnlyId,
            MetadataSize = later.MetadataSize ?? MetadataSize,
            RequestQueue = later.RequestQueue ?? RequestQueue,
            Client = later.Client ?? Client,
            YourIp = later.YourIp ?? YourIp,
            ListenPort = later.ListenPort ?? ListenPort,
            UploadOnly = later.UploadOnly ?? UploadOnly,
        };
    }

    /// <summary>Writes the text of extended message 0.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        var writer = new BencodeWriter(output).Dictionary();
        writer.Key("m"u8).Dictionary();
        WriteNumber(writer, "lt_donthave"u8, DontHaveId);
        WriteNumber(writer, "upload_only"u8, UploadOnlyId);
        WriteNumber(writer, "ut_metadata"u8, MetadataId);
        WriteNumber(writer, "ut_pex"u8, PexId);
        writer.End();
        WriteNumber(writer, "metadata_size"u8, MetadataSize);
        WriteNumber(writer, "p"u8, ListenPort);
        WriteNumber(writer, "reqq"u8, RequestQueue);
        WriteNumber(writer, "upload_only"u8, UploadOnly is { } only ? Convert.ToInt32(only) : null);
        if (Client is not null)
        {
            writer.Key("v"u8).String(Client);
        }

        if (YourIp is not null)
        {
            writer.Key("yourip"u8).String(YourIp.GetAddressBytes());
        }

        writer.End();
    }

    private static ExtensionHandshake ReadIds(ref BencodeReader reader, ExtensionHandshake result)
    {
        if (reader.Peek() != BencodeKind.Dictionary)
        {
            reader.Skip();
            return result;
        }

        reader.ReadDictionaryStart();
        while (reader.TryReadKey(out var name))
        {
            if (!reader.TryReadInteger(out var number) || number is < 0 or > 255)
            {
                continue;
            }

            var id = (byte)number;
            result = name switch
            {
                _ when name.SequenceEqual("ut_metadata"u8) => result with { MetadataId = id },
                _ when name.SequenceEqual("ut_pex"u8) => result with { PexId = id },
                _ when name.SequenceEqual("lt_donthave"u8) => result with { DontHaveId = id },
                _ when name.SequenceEqual("upload_only"u8) => result with { UploadOnlyId = id },
                _ => result,
            };
        }

        return result;
    }

    private static int Judge(long metadataSize)
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

    private static void WriteNumber(BencodeWriter writer, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
        {
            writer.Key(name).Integer(number);
        }
    }
}
