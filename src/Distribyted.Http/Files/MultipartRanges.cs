using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Distribyted.Http.Files;

/// <summary>The frame of a <c>multipart/byteranges</c> answer (RFC 9110 section 14.6): what stands around the parts, and how long it all is.</summary>
internal sealed class MultipartRanges
{
    private readonly string _boundary = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));
    private readonly byte[][] _heads;

    public MultipartRanges(IReadOnlyList<ByteRange> ranges, string contentType, long fileLength)
    {
        _heads = new byte[ranges.Count][];
        Tail = Encoding.ASCII.GetBytes($"\r\n--{_boundary}--\r\n");
        Length = Tail.Length;
        for (var i = 0; i < ranges.Count; i++)
        {
            var line = i == 0 ? "" : "\r\n";
            _heads[i] = Encoding.ASCII.GetBytes(
                $"{line}--{_boundary}\r\nContent-Type: {contentType}\r\nContent-Range: bytes {ranges[i].Offset}-{ranges[i].Last}/{fileLength}\r\n\r\n"
            );
            Length += _heads[i].Length + ranges[i].Length;
        }
    }

    public string ContentType => "multipart/byteranges; boundary=" + _boundary;

    /// <summary>Bytes of the whole body.</summary>
    public long Length { get; }

    /// <summary>What ends it.</summary>
    public byte[] Tail { get; }

    /// <summary>What stands before a part.</summary>
    public byte[] Head(int part)
    {
        return _heads[part];
    }
}
