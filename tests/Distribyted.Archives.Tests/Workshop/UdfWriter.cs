using System.Buffers.Binary;
using System.Text;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Writes small UDF images block by block: what nothing free writes, such as the metadata partition of Blu-ray discs, files in pieces and files with holes.</summary>
internal sealed class UdfWriter
{
    private const int AnchorBlock = 256;
    private const int SequenceBlock = 257;
    private const int PartitionBlock = 264;
    private const int PartitionLength = 40;

    private const int RecognitionLength = 3 * 2048;

    // Where files have their content, in the partition.
    private const int DataBlock = 24;

    private static readonly ushort[] CrcOfByte = [.. Enumerable.Range(0, 256).Select(static value => Crc((ushort)(value << 8)))];

    private readonly byte[] _image;
    private readonly int _blockLength;
    private readonly bool _hasMetadata;

    private UdfWriter(int blockLength, bool hasMetadata)
    {
        _blockLength = blockLength;
        _hasMetadata = hasMetadata;
        _image = new byte[(PartitionBlock + PartitionLength) * blockLength];
    }

    /// <summary>The files that every image has, by path.</summary>
    public static Dictionary<string, byte[]> Files { get; } =
        new(StringComparer.Ordinal)
        {
            ["folder/embedded.txt"] = [.. "a small file"u8],
            ["folder/файл.bin"] = Noise(300),
            ["pieces.bin"] = Noise(900),
            ["empty"] = [],
        };

    public static TestVolume Write(bool hasMetadata, int blockLength = 512)
    {
        var writer = new UdfWriter(blockLength, hasMetadata);
        writer.Descriptors();
        writer.Content();
        var volume = new TestVolume("x.iso");
        // Nothing is in the sectors before the descriptors, and between these and the anchor.
        volume.AddHole(16 * 2048);
        volume.Add(writer._image.AsSpan(16 * 2048, RecognitionLength));
        volume.AddHole((AnchorBlock * blockLength) - volume.Length);
        volume.AddBlocks(writer._image.AsSpan(AnchorBlock * blockLength), blockLength);
        return volume;
    }

    /// <summary>Makes the checksums of all tags right after damage, in what begins with the anchor.</summary>
    public static void Repair(byte[] image)
    {
        for (var at = image.Length == RecognitionLength ? image.Length : 0; at + 16 <= image.Length; at += 512)
        {
            Seal(image.AsSpan(at));
        }
    }

    private void Descriptors()
    {
        foreach (var (n, id) in new[] { "BEA01", "NSR03", "TEA01" }.Index())
        {
            var at = (16 + n) * 2048;
            Encoding.ASCII.GetBytes(id, _image.AsSpan(at + 1));
            _image[at + 6] = 1;
        }

        byte[] sequence = [.. UInt32(6 * _blockLength), .. UInt32(SequenceBlock)];
        Put(AnchorBlock, 2, AnchorBlock, [.. sequence, .. sequence]);
        Put(SequenceBlock, 1, SequenceBlock, new byte[490]);
        byte[] partition =
        [
            .. UInt32(1),
            .. UInt16(1),
            .. UInt16(0),
            .. Entity("+NSR03"),
            .. new byte[128],
            .. UInt32(1),
            .. UInt32(PartitionBlock),
            .. UInt32(PartitionLength),
            .. new byte[32 + 128 + 156],
        ];
        Put(SequenceBlock + 1, 5, SequenceBlock + 1, partition[..490]);
        byte[] plainMap = [1, 6, .. UInt16(1), .. UInt16(0)];
        byte[] metadataMap =
        [
            2,
            64,
            0,
            0,
            .. Entity("*UDF Metadata Partition"),
            .. UInt16(1),
            .. UInt16(0),
            .. UInt32(0),
            .. UInt32(-1),
            .. UInt32(-1),
            .. UInt32(1),
            .. UInt16(1),
            0,
            .. new byte[5],
        ];
        var maps = _hasMetadata ? [.. plainMap, .. metadataMap] : plainMap;
        byte[] volume =
        [
            .. UInt32(2),
            .. Charset(),
            .. Identifier(128),
            .. UInt32(_blockLength),
            .. Entity("*OSTA UDF Compliant"),
            .. LongExtent(_blockLength, 0),
            .. UInt32(maps.Length),
            .. UInt32(_hasMetadata ? 2 : 1),
            .. Entity("*Test"),
            .. new byte[128],
            .. new byte[8],
            .. maps,
        ];
        Put(SequenceBlock + 2, 6, SequenceBlock + 2, volume);
        Put(SequenceBlock + 3, 8, SequenceBlock + 3, new byte[496 - 16]);
    }

    /// <summary>Blocks of the partition that holds entries and folders: 0 file set, 1 and 2 root, 3 and 4 folder, then files.</summary>
    private void Content()
    {
        if (_hasMetadata)
        {
            // The metadata partition is a file in two pieces.
            byte[] extents = [.. UInt32(5 * _blockLength), .. UInt32(2), .. UInt32(9 * _blockLength), .. UInt32(9)];
            Put(PartitionBlock, 266, 0, Entry(250, 14L * _blockLength, 0, extents));
        }

        byte[] set =
        [
            .. Time(),
            .. UInt16(3),
            .. UInt16(3),
            .. UInt32(1),
            .. UInt32(1),
            .. UInt32(0),
            .. UInt32(0),
            .. Charset(),
            .. Identifier(128),
            .. Charset(),
            .. Identifier(32),
            .. Identifier(32),
            .. Identifier(32),
            .. LongExtent(_blockLength, 1),
            .. Entity("*OSTA UDF Compliant"),
            .. new byte[48],
        ];
        PutEntry(0, 256, set);
        byte[] root =
        [
            .. Name("", 1, 0x0A),
            .. Name("folder", 3, 2),
            .. Name("pieces.bin", 7, 0),
            .. Name("deleted", 7, 4),
            .. Name("empty", 9, 0),
            .. Name("holes.bin", 10, 0),
            .. Name("link", 11, 0),
        ];
        byte[] folder = [.. Name("", 1, 0x0A), .. Name("embedded.txt", 5, 0), .. Name("файл.bin", 6, 0), .. Name("loop", 3, 2)];
        PutFolder(1, root);
        PutFolder(3, folder);
        PutFile(5, 5, Files["folder/embedded.txt"].Length, 3, Files["folder/embedded.txt"]);
        PutFile(6, 5, 300, 1, DataExtent(300, 0));
        Files["folder/файл.bin"].CopyTo(_image, (PartitionBlock + DataBlock) * _blockLength);
        // Two extents in the entry's list, the second one behind a block of extents; they lie apart.
        var split = 512;
        PutFile(7, 5, 900, 1, [.. DataExtent(split, 4), .. UInt32((3 << 30) | _blockLength), .. LongExtent(0, 8)[4..]]);
        var more = DataExtent(900 - split, 9);
        PutEntry(8, 258, [.. UInt32(0), .. UInt32(more.Length), .. more]);
        Files["pieces.bin"].AsSpan(0, split).CopyTo(_image.AsSpan((PartitionBlock + DataBlock + 4) * _blockLength));
        Files["pieces.bin"].AsSpan(split).CopyTo(_image.AsSpan((PartitionBlock + DataBlock + 9) * _blockLength));
        PutFile(9, 5, 0, 1, []);
        PutFile(10, 5, 100, 1, [.. UInt32((1 << 30) | 100), .. DataExtent(0, 0)[4..]]);
        PutFile(11, 12, 5, 3, [5, 0, 0, 0, 1]);
    }

    private void PutFolder(int block, byte[] content)
    {
        PutFile(block, 4, content.Length, 1, LongExtent(content.Length, block + 1));
        content.CopyTo(_image, Place(block + 1) * _blockLength);
    }

    private void PutFile(int block, int type, long length, int kind, byte[] list)
    {
        PutEntry(block, (ushort)(_hasMetadata ? 266 : 261), Entry(type, length, kind, list));
    }

    private byte[] Entry(int type, long length, int kind, byte[] list)
    {
        byte[] icb = [.. UInt32(0), .. UInt16(4), .. UInt16(0), .. UInt16(1), 0, (byte)type, .. new byte[6], .. UInt16(kind)];
        byte[] start = [.. icb, .. UInt32(-1), .. UInt32(-1), .. UInt32(0x14A5), .. UInt16(1), 0, 0, .. UInt32(0), .. UInt64(length)];
        byte[] end = [.. UInt32(0), .. UInt32(list.Length), .. list];
        return _hasMetadata
            ?
            [
                .. start,
                .. UInt64(length),
                .. UInt64(1),
                .. Time(),
                .. Time(),
                .. Time(),
                .. Time(),
                .. UInt32(1),
                .. UInt32(0),
                .. new byte[32],
                .. Entity("*Test"),
                .. UInt64(16),
                .. end,
            ]
            :
            [
                .. start,
                .. UInt64(1),
                .. Time(),
                .. Time(),
                .. Time(),
                .. UInt32(1),
                .. new byte[16],
                .. Entity("*Test"),
                .. UInt64(16),
                .. end,
            ];
    }

    private byte[] Name(string name, int block, byte traits)
    {
        var isWide = name.Any(static c => c > 255);
        byte[] text =
            name.Length == 0 ? []
            : isWide ? [16, .. Encoding.BigEndianUnicode.GetBytes(name)]
            : [8, .. Encoding.Latin1.GetBytes(name)];
        byte[] body = [.. UInt16(1), traits, (byte)text.Length, .. LongExtent(_blockLength, block), .. UInt16(0), .. text];
        var bytes = new byte[(16 + body.Length + 3) & ~3];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, 257);
        bytes[2] = 3;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), (ushort)(bytes.Length - 16));
        body.CopyTo(bytes, 16);
        Seal(bytes);
        return bytes;
    }

    private void PutEntry(int block, ushort id, byte[] body)
    {
        Put(Place(block), id, (uint)block, body);
    }

    /// <summary>Where a block of the partition of entries is in the image.</summary>
    private int Place(int block)
    {
        return PartitionBlock + (_hasMetadata ? block + (block < 5 ? 2 : 4) : block);
    }

    private void Put(int block, ushort id, uint location, byte[] body)
    {
        var bytes = _image.AsSpan(block * _blockLength, _blockLength);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, id);
        bytes[2] = 3;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[10..], (ushort)body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[12..], location);
        body.CopyTo(bytes[16..]);
        Seal(bytes);
    }

    private static ushort Crc(ushort value)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            value = (ushort)((value & 0x8000) != 0 ? (value << 1) ^ 0x1021 : value << 1);
        }

        return value;
    }

    private static void Seal(Span<byte> descriptor)
    {
        var length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(descriptor[10..]), descriptor.Length - 16);
        ushort crc = 0;
        foreach (var value in descriptor.Slice(16, length))
        {
            crc = (ushort)((crc << 8) ^ CrcOfByte[(crc >> 8) ^ value]);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[8..], crc);
        descriptor[4] = 0;
        byte sum = 0;
        foreach (var value in descriptor[..16])
        {
            sum += value;
        }

        descriptor[4] = sum;
    }

    private byte[] LongExtent(int length, int block)
    {
        return [.. UInt32(length), .. UInt32(block), .. UInt16(_hasMetadata ? 1 : 0), .. new byte[6]];
    }

    private static byte[] DataExtent(int length, int block)
    {
        return [.. UInt32(length), .. UInt32(DataBlock + block), .. UInt16(0), .. new byte[6]];
    }

    private static byte[] Entity(string id)
    {
        var bytes = new byte[32];
        Encoding.ASCII.GetBytes(id, bytes.AsSpan(1));
        bytes[24] = 0x50;
        bytes[25] = 2;
        return bytes;
    }

    private static byte[] Charset()
    {
        var bytes = new byte[64];
        Encoding.ASCII.GetBytes("OSTA Compressed Unicode", bytes.AsSpan(1));
        return bytes;
    }

    private static byte[] Identifier(int length)
    {
        var bytes = new byte[length];
        bytes[0] = 8;
        bytes[1] = (byte)'x';
        bytes[^1] = 2;
        return bytes;
    }

    private static byte[] Time()
    {
        return [.. UInt16(0x1000), .. UInt16(2024), 5, 6, 7, 8, 9, 0, 0, 0];
    }

    private static byte[] UInt16(int value)
    {
        return [(byte)value, (byte)(value >> 8)];
    }

    private static byte[] UInt32(int value)
    {
        return [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];
    }

    private static byte[] UInt64(long value)
    {
        return [.. UInt32((int)value), .. UInt32((int)(value >> 32))];
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
