using System.Buffers.Binary;
using System.Numerics;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Storage.Cache;

/// <summary>What a record of the journal says.</summary>
internal enum JournalKind : byte
{
    /// <summary>First record of every journal: version and slot size.</summary>
    Header = 1,

    /// <summary>A torrent's info hash; the low half of the sequence number is its name in later records.</summary>
    Torrent = 2,

    /// <summary>A slot holds a part of a group.</summary>
    Put = 3,

    /// <summary>A slot holds nothing.</summary>
    Drop = 4,
}

/// <summary>One record of the cache's journal: 48 bytes, little-endian, checked by CRC-32C.</summary>
/// <remarks><c>crc32c u32 | kind u8 | flags u8 | parts u16 | seq u64 | body 32</c>; the crc covers everything after itself.</remarks>
internal readonly record struct JournalRecord
{
    /// <summary>Bytes of a record.</summary>
    public const int Length = 48;

    /// <summary>Flag of a Put: the group has been read more than once (the protected half of the LRU).</summary>
    public const byte Reused = 1;

    private const uint Version = 1;
    private const uint Magic = 0x42415344; // "DSAB"

    public JournalKind Kind { get; private init; }

    public byte Flags { get; private init; }

    /// <summary>Put: how many slots the whole group has, at most 256 (a piece of 64 MiB in slots of 256 KiB).</summary>
    public ushort Parts { get; private init; }

    public ulong Sequence { get; private init; }

    public int Slot { get; private init; }

    public uint Torrent { get; private init; }

    public int Group { get; private init; }

    public int Part { get; private init; }

    public ulong Mask { get; private init; }

    /// <summary>Put: bytes of the slot that are in use.</summary>
    public int Used { get; private init; }

    public InfoHash InfoHash { get; private init; }

    public int SlotLength { get; private init; }

    public static JournalRecord Header(int slotLength)
    {
        return new JournalRecord { Kind = JournalKind.Header, SlotLength = slotLength };
    }

    public static JournalRecord ForTorrent(ulong sequence, InfoHash hash)
    {
        return new JournalRecord
        {
            Kind = JournalKind.Torrent,
            Sequence = sequence,
            Torrent = (uint)sequence,
            InfoHash = hash,
        };
    }

    public static JournalRecord Put(
        ulong sequence,
        byte flags,
        int parts,
        int slot,
        uint torrent,
        int group,
        int part,
        ulong mask,
        int used
    )
    {
        return new JournalRecord
        {
            Kind = JournalKind.Put,
            Flags = flags,
            Parts = checked((ushort)parts),
            Sequence = sequence,
            Slot = slot,
            Torrent = torrent,
            Group = group,
            Part = part,
            Mask = mask,
            Used = used,
        };
    }

    public static JournalRecord Drop(ulong sequence, int slot)
    {
        return new JournalRecord
        {
            Kind = JournalKind.Drop,
            Sequence = sequence,
            Slot = slot,
        };
    }

    /// <summary>Writes 48 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Length];
        bytes.Clear();
        bytes[4] = (byte)Kind;
        bytes[5] = Flags;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], Parts);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Sequence);
        var body = bytes[16..];
        switch (Kind)
        {
            case JournalKind.Header:
                BinaryPrimitives.WriteUInt32LittleEndian(body, Magic);
                BinaryPrimitives.WriteUInt32LittleEndian(body[4..], Version);
                BinaryPrimitives.WriteInt32LittleEndian(body[8..], SlotLength);
                break;
            case JournalKind.Torrent:
                InfoHash.CopyTo(body);
                break;
            case JournalKind.Put:
                BinaryPrimitives.WriteInt32LittleEndian(body, Slot);
                BinaryPrimitives.WriteUInt32LittleEndian(body[4..], Torrent);
                BinaryPrimitives.WriteInt32LittleEndian(body[8..], Group);
                BinaryPrimitives.WriteInt32LittleEndian(body[12..], Part);
                BinaryPrimitives.WriteUInt64LittleEndian(body[16..], Mask);
                BinaryPrimitives.WriteInt32LittleEndian(body[24..], Used);
                break;
            case JournalKind.Drop:
                BinaryPrimitives.WriteInt32LittleEndian(body, Slot);
                break;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Crc32C(bytes[4..]));
    }

    /// <summary>Reads 48 bytes. False: they are torn, damaged, or not ours; nothing after them is to be believed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out JournalRecord record)
    {
        record = default;
        if (bytes.Length < Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Crc32C(bytes[4..Length]))
        {
            return false;
        }

        var body = bytes[16..];
        var kind = (JournalKind)bytes[4];
        var sequence = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        record = new JournalRecord
        {
            Kind = kind,
            Flags = bytes[5],
            Parts = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]),
            Sequence = sequence,
        };
        switch (kind)
        {
            case JournalKind.Header:
                record = record with { SlotLength = BinaryPrimitives.ReadInt32LittleEndian(body[8..]) };
                return BinaryPrimitives.ReadUInt32LittleEndian(body) == Magic
                    && BinaryPrimitives.ReadUInt32LittleEndian(body[4..]) == Version
                    && record.SlotLength is >= 256 * 1024 and <= 4 * 1024 * 1024
                    && BitOperations.IsPow2(record.SlotLength);
            case JournalKind.Torrent:
                record = record with { InfoHash = new InfoHash(body[..InfoHash.Length]), Torrent = (uint)sequence };
                return true;
            case JournalKind.Put:
                record = record with
                {
                    Slot = BinaryPrimitives.ReadInt32LittleEndian(body),
                    Torrent = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
                    Group = BinaryPrimitives.ReadInt32LittleEndian(body[8..]),
                    Part = BinaryPrimitives.ReadInt32LittleEndian(body[12..]),
                    Mask = BinaryPrimitives.ReadUInt64LittleEndian(body[16..]),
                    Used = BinaryPrimitives.ReadInt32LittleEndian(body[24..]),
                };
                return record.Slot >= 0
                    && record.Group >= 0
                    && record.Part >= 0
                    && record.Used >= 0
                    && record.Part < record.Parts
                    && record.Mask != 0;
            case JournalKind.Drop:
                record = record with { Slot = BinaryPrimitives.ReadInt32LittleEndian(body) };
                return record.Slot >= 0;
            default:
                return false;
        }
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
