using System.Buffers.Binary;
using System.Text;

namespace Distribyted.Archives.Formats.Iso;

/// <summary>What Rock Ridge says about a record: fields with a signature of two letters, in the record and in continuation areas.</summary>
internal sealed class SystemUse
{
    private const int HeadLength = 4;
    private readonly List<byte> _name = [];
    private bool _endsHere;

    public bool HasName => _name.Count > 0;

    public string Name => OldText.Decode([.. _name]);

    public DateTimeOffset? Modified { get; private set; }

    /// <summary>A link, a device, or a file with holes.</summary>
    public bool IsSpecial { get; private set; }

    /// <summary>The record stands here only because ISO 9660 has no deeper folders; its place is elsewhere.</summary>
    public bool IsRelocated { get; private set; }

    /// <summary>The block of a folder whose place is here, although it stands elsewhere.</summary>
    public uint? ChildBlock { get; private set; }

    /// <summary>Bytes of the file when it is compressed by block (zisofs).</summary>
    public uint? Unpacked { get; private set; }

    /// <summary>Where further fields are; null: nowhere.</summary>
    public (uint Block, uint Offset, uint Length)? Continuation { get; private set; }

    /// <summary>How many bytes come before the fields in each record, from the first record of the root folder; null: there is no Rock Ridge.</summary>
    public static int? SkipLength(ReadOnlySpan<byte> systemUse)
    {
        return systemUse.Length >= 7 && systemUse[..2].SequenceEqual("SP"u8) && systemUse[4] == 0xBE && systemUse[5] == 0xEF
            ? systemUse[6]
            : null;
    }

    /// <summary>Reads the fields of a record or of a continuation area.</summary>
    public void Read(ReadOnlySpan<byte> fields)
    {
        Continuation = null;
        while (!_endsHere && fields.Length >= HeadLength && fields[2] >= HeadLength && fields[2] <= fields.Length)
        {
            Read(fields[..2], fields[HeadLength..fields[2]]);
            fields = fields[fields[2]..];
        }
    }

    private void Read(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> data)
    {
        switch (Encoding.ASCII.GetString(signature))
        {
            case "NM" when data.Length > 1 && (data[0] & 6) == 0 && _name.Count <= 1024:
                _name.AddRange(data[1..]);
                break;
            case "TF" when data.Length > 1:
                ReadTime(data);
                break;
            case "PX" when data.Length >= 4:
                IsSpecial |= (BinaryPrimitives.ReadUInt32LittleEndian(data) & 0xF000) is not (0x8000 or 0x4000 or 0);
                break;
            case "SL" or "SF":
                IsSpecial = true;
                break;
            case "RE":
                IsRelocated = true;
                break;
            case "CL" when data.Length >= 4:
                ChildBlock = BinaryPrimitives.ReadUInt32LittleEndian(data);
                break;
            case "ZF" when data.Length >= 8:
                Unpacked = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
                break;
            case "CE" when data.Length >= 24:
                Continuation = (
                    BinaryPrimitives.ReadUInt32LittleEndian(data),
                    BinaryPrimitives.ReadUInt32LittleEndian(data[8..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(data[16..])
                );
                break;
            case "ST":
                _endsHere = true;
                break;
            default:
                break;
        }
    }

    /// <summary>A bit for each time that is there; those of 17 bytes are text. The last change comes behind the creation.</summary>
    private void ReadTime(ReadOnlySpan<byte> data)
    {
        const int ShortLength = 7;
        var at = 1 + ((data[0] & 1) != 0 ? ShortLength : 0);
        if ((data[0] & 0x80) == 0 && (data[0] & 2) != 0 && data.Length >= at + ShortLength)
        {
            Modified = DirectoryRecord.Time(data.Slice(at, ShortLength));
        }
    }
}
