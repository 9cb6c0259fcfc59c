using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Blocks of RAR 4.</summary>
internal sealed class Rar4Blocks(RarOptions options) : IRarBlocks
{
    private const int EndFlags = 0x4000;
    private static readonly byte[] Salt = [.. "saltsalt"u8];
    private readonly (byte[] Key, byte[] Vector)? _key = options.Password is { } password ? Derive(password) : null;

    public byte[] Start(int volume)
    {
        var isVolume = options.VolumeLength is not null;
        var flags =
            (isVolume ? 1 : 0)
            | (options.IsLocked ? 4 : 0)
            | (options.IsSolid ? 8 : 0)
            | (isVolume && !options.IsOldNaming ? 0x10 : 0)
            | (options.RecoveryLength > 0 ? 0x40 : 0)
            | (_key is not null ? 0x80 : 0)
            | (isVolume && volume == 0 ? 0x100 : 0);
        return [.. "Rar!\u001a\u0007\0"u8, .. Plain(0x73, flags, new byte[6])];
    }

    public byte[] File(RarItem item, long done, long part, bool isLast)
    {
        var (name, isUnicode) = NameOf(item.Path.Replace('/', '\\'));
        var flags =
            0x8000
            | (done > 0 ? 1 : 0)
            | (isLast ? 0 : 2)
            | (item.IsEncrypted ? 4 : 0)
            | (item.IsFolder ? 0xE0 : 0)
            | (item.Length > uint.MaxValue - 1L ? 0x100 : 0)
            | (isUnicode ? 0x200 : 0)
            | 0x1000;
        var isLink = item.LinkTo is not null;
        var length = item.HidesLength ? -1 : item.Length;
        byte[] body =
        [
            .. UInt32((uint)part),
            .. UInt32((uint)length),
            (byte)(isLink ? 3 : 2),
            .. UInt32(TestCrc.Of(item, done, part, isLast)),
            .. UInt32(Dos(item.Modified)),
            20,
            (byte)(0x30 + item.Method),
            .. UInt16(name.Length),
            .. UInt32(
                isLink ? 0xA1FFu
                : item.IsFolder ? 0x10u
                : 0x20u
            ),
            .. (flags & 0x100) != 0 ? [.. UInt32((uint)(part >> 32)), .. UInt32((uint)(length >> 32))] : Array.Empty<byte>(),
            .. name,
            .. Fraction(item.Modified),
        ];
        return Block(0x74, flags, body);
    }

    public byte[] Service(string name, byte[] data)
    {
        byte[] body =
        [
            .. UInt32((uint)data.Length),
            .. UInt32((uint)data.Length),
            2,
            .. UInt32(TestCrc.Of(data)),
            .. UInt32(0),
            29,
            0x30,
            .. UInt16(name.Length),
            .. UInt32(0),
            .. Encoding.ASCII.GetBytes(name),
        ];
        return [.. Block(0x7A, 0x8000, body), .. data];
    }

    public byte[] End(int volume, bool hasMore)
    {
        return options.VolumeLength is null ? Block(0x7B, EndFlags, []) : Block(0x7B, EndFlags | 8 | (hasMore ? 1 : 0), UInt16(volume));
    }

    private byte[] Block(byte type, int flags, byte[] body)
    {
        var block = Plain(type, flags, body);
        if (_key is not { } key)
        {
            return block;
        }

        using var aes = Aes.Create();
        aes.Key = key.Key;
        Array.Resize(ref block, (block.Length + 15) / 16 * 16);
        return [.. Salt, .. aes.EncryptCbc(block, key.Vector, PaddingMode.None)];
    }

    private static byte[] Plain(byte type, int flags, byte[] body)
    {
        byte[] block = [0, 0, type, .. UInt16(flags), .. UInt16(7 + body.Length), .. body];
        BinaryPrimitives.WriteUInt16LittleEndian(block, (ushort)TestCrc.Of(block.AsSpan(2)));
        return block;
    }

    /// <summary>A name outside of ASCII: an old one with question marks, then every character with both its bytes, or one where a run of the old name fits.</summary>
    private static (byte[] Name, bool IsUnicode) NameOf(string path)
    {
        if (Ascii.IsValid(path))
        {
            return (Encoding.ASCII.GetBytes(path), false);
        }

        var old = Encoding.ASCII.GetBytes(path);
        var high = (byte)(path.First(static c => c > 127) >> 8);
        var items = new List<(int Kind, byte[] Bytes)>();
        for (var i = 0; i < path.Length; )
        {
            var run = path.Skip(i).TakeWhile(Ascii.IsValid).Count();
            if (run >= 2)
            {
                run = Math.Min(run, 129);
                items.Add((3, [(byte)(run - 2)]));
                i += run;
                continue;
            }

            var c = path[i++];
            items.Add(
                c < 256 ? (0, [(byte)c])
                : c >> 8 == high ? (1, [(byte)c])
                : (2, [(byte)c, (byte)(c >> 8)])
            );
        }

        var encoded = new List<byte> { high };
        foreach (var group in items.Chunk(4))
        {
            encoded.Add((byte)group.Select(static (item, n) => item.Kind << (6 - 2 * n)).Sum());
            encoded.AddRange(group.SelectMany(static item => item.Bytes));
        }

        return ([.. old, 0, .. encoded], true);
    }

    private static uint Dos(DateTimeOffset time)
    {
        return (uint)(
            ((time.Year - 1980) << 25) | (time.Month << 21) | (time.Day << 16) | (time.Hour << 11) | (time.Minute << 5) | (time.Second / 2)
        );
    }

    // The time of the last change only: whether it has an odd second, and three bytes of 100 ns.
    private static byte[] Fraction(DateTimeOffset time)
    {
        var ticks = (uint)(time.Ticks % TimeSpan.TicksPerSecond);
        return [.. UInt16(((time.Second & 1) != 0 ? 0xF : 0xB) << 12), (byte)ticks, (byte)(ticks >> 8), (byte)(ticks >> 16)];
    }

    private static byte[] UInt16(int value)
    {
        return [(byte)value, (byte)(value >> 8)];
    }

    private static byte[] UInt32(uint value)
    {
        return [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];
    }

    private static (byte[] Key, byte[] Vector) Derive(string password)
    {
        var vector = new byte[16];
        byte[] seed = [.. Encoding.Unicode.GetBytes(password), .. Salt];
        using var all = new MemoryStream();
        for (var round = 0; round < 0x40000; round++)
        {
            all.Write(seed);
            all.Write([(byte)round, (byte)(round >> 8), (byte)(round >> 16)]);
            if (round % 0x4000 == 0)
            {
                vector[round / 0x4000] = SHA1.HashData(all.GetBuffer().AsSpan(0, (int)all.Length))[19];
            }
        }

        var hash = SHA1.HashData(all.GetBuffer().AsSpan(0, (int)all.Length));
        return ([.. Enumerable.Range(0, 16).Select(i => hash[i / 4 * 4 + 3 - i % 4])], vector);
    }
}
