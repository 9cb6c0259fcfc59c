using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Distribyted.Archives.Tests.Workshop;

/// <summary>Blocks of RAR 5.</summary>
internal sealed class Rar5Blocks(RarOptions options) : IRarBlocks
{
    private const int RoundsLog = 10;
    private static readonly byte[] Salt = [.. "0123456789abcdef"u8];
    private readonly byte[]? _key = options.Password is { } password ? Derive(password, 1 << RoundsLog) : null;
    private byte _vector;

    public byte[] Start(int volume)
    {
        var flags = (options.VolumeLength is null ? 0 : 1) | (volume > 0 ? 2 : 0) | (options.IsSolid ? 4 : 0) | (options.IsLocked ? 16 : 0);
        byte[] main = [.. Vint(1), .. Vint(0), .. Vint((ulong)flags), .. volume > 0 ? Vint((ulong)volume) : []];
        return [.. "Rar!\u001a\u0007\u0001\0"u8, .. _key is null ? [] : Encryption(), .. Block(main)];
    }

    public byte[] File(RarItem item, long done, long part, bool isLast)
    {
        var extra = new List<byte>();
        if (item.IsEncrypted)
        {
            // Version, flags (a check value), rounds, salt, vector, check value.
            extra.AddRange(Record([.. Vint(1), .. Vint(0), .. Vint(1), RoundsLog, .. Salt, .. Salt, .. new byte[12]]));
        }

        if (item.LinkTo is { } target)
        {
            var name = Encoding.UTF8.GetBytes(target);
            extra.AddRange(Record([.. Vint(5), .. Vint(1), .. Vint(0), .. Vint((ulong)name.Length), .. name]));
        }

        var path = Encoding.UTF8.GetBytes(item.Path);
        var hasCrc = !item.IsFolder;
        byte[] header =
        [
            .. Vint(2),
            .. Vint((extra.Count > 0 ? 1u : 0) | 2u | (done > 0 ? 8u : 0) | (isLast ? 0 : 16u)),
            .. extra.Count > 0 ? Vint((ulong)extra.Count) : [],
            // Else always as long, so that the header does not grow with what it claims.
            .. options.AreNumbersShort ? Vint((ulong)part) : Padded((ulong)part),
            .. Vint((item.IsFolder ? 1u : 0) | 2u | (hasCrc ? 4u : 0) | (item.HidesLength ? 8u : 0)),
            .. Vint(item.HidesLength ? 0 : (ulong)item.Length),
            .. Vint(item.IsFolder ? 0x10u : 0x20u),
            .. UInt32((uint)item.Modified.ToUnixTimeSeconds()),
            .. hasCrc ? UInt32(TestCrc.Of(item, done, part, isLast)) : [],
            .. Vint((ulong)(item.Method << 7)),
            .. Vint(1),
            .. Vint((ulong)path.Length),
            .. path,
            .. extra,
        ];
        return Block(header);
    }

    public byte[] Service(string name, byte[] data)
    {
        var bytes = Encoding.ASCII.GetBytes(name);
        byte[] header =
        [
            .. Vint(3),
            .. Vint(2),
            .. Vint((ulong)data.Length),
            .. Vint(4),
            .. Vint((ulong)data.Length),
            .. Vint(0),
            .. UInt32(TestCrc.Of(data)),
            .. Vint(0),
            .. Vint(1),
            .. Vint((ulong)bytes.Length),
            .. bytes,
        ];
        return [.. Block(header), .. data];
    }

    public byte[] End(int volume, bool hasMore)
    {
        return Block([.. Vint(5), .. Vint(4), .. Vint(hasMore ? 1u : 0)]);
    }

    private byte[] Block(byte[] header)
    {
        var block = Plain(header);
        if (_key is null)
        {
            return block;
        }

        using var aes = Aes.Create();
        aes.Key = _key;
        var vector = new byte[16];
        vector[0] = _vector++;
        Array.Resize(ref block, (block.Length + 15) / 16 * 16);
        return [.. vector, .. aes.EncryptCbc(block, vector, PaddingMode.None)];
    }

    private byte[] Encryption()
    {
        var check = new byte[8];
        var hash = Derive(options.Password!, (1 << RoundsLog) + 32);
        for (var i = 0; i < hash.Length; i++)
        {
            check[i % 8] ^= hash[i];
        }

        return Plain([.. Vint(4), .. Vint(0), .. Vint(0), .. Vint(1), RoundsLog, .. Salt, .. check, .. SHA256.HashData(check)[..4]]);
    }

    private static byte[] Plain(byte[] header)
    {
        byte[] body = [.. Vint((ulong)header.Length), .. header];
        return [.. UInt32(TestCrc.Of(body)), .. body];
    }

    private static byte[] Record(byte[] record)
    {
        return [.. Vint((ulong)record.Length), .. record];
    }

    private static byte[] Vint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static byte[] Padded(ulong value)
    {
        var bytes = new byte[6];
        for (var i = 0; i < bytes.Length; i++, value >>= 7)
        {
            bytes[i] = (byte)((value & 0x7F) | (i < bytes.Length - 1 ? 0x80u : 0));
        }

        return bytes;
    }

    private static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Derive(string password, int rounds)
    {
        return Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), Salt, rounds, HashAlgorithmName.SHA256, 32);
    }
}
