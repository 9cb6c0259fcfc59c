using System.Buffers.Binary;

namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>One method that a folder's bytes go through.</summary>
/// <param name="Id">Which: its bytes as a number, big-endian.</param>
/// <param name="Inputs">Packed streams that it takes.</param>
/// <param name="Outputs">Unpacked streams that it gives.</param>
/// <param name="Settings">What the method needs to know, such as the size of its dictionary.</param>
internal sealed record Coder(ulong Id, int Inputs, int Outputs, byte[] Settings)
{
    public const ulong Copy = 0;
    public const ulong Lzma2 = 0x21;
    public const ulong Lzma = 0x030101;
    public const ulong Ppmd = 0x030401;
    public const ulong Aes = 0x06F10701;

    /// <summary>Its name, lower case; null: a filter or a cipher, which does not compress.</summary>
    public string? Compression =>
        Id switch
        {
            Lzma => "lzma",
            Lzma2 => "lzma2",
            Ppmd => "ppmd",
            0x040202 => "bzip2",
            0x040108 => "deflate",
            0x040109 => "deflate64",
            0x04F71101 => "zstd",
            0x04F71102 => "brotli",
            0x04F71104 => "lz4",
            // Copy, swaps, delta, BCJ and its relatives for processors, AES.
            Copy or 0x03 or Aes or (>= 0x04 and <= 0x0B) or (>= 0x020302 and <= 0x020304) or (>= 0x03030103 and <= 0x03030805) => null,
            _ => "unknown",
        };

    /// <summary>Bytes of memory that decompressing takes, as the settings say; 0: little.</summary>
    public long Memory =>
        (Id, Settings) switch
        {
            // Behind a byte of its own: the dictionary, or the memory of the model.
            (Lzma or Ppmd, { Length: 5 }) => BinaryPrimitives.ReadUInt32LittleEndian(Settings.AsSpan(1)),
            // Half powers of two from 4 KiB.
            (Lzma2, [var size]) => size >= 40 ? uint.MaxValue : (2L | (uint)(size & 1)) << ((size / 2) + 11),
            _ => 0,
        };
}
