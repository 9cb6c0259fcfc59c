using System.Buffers.Binary;

namespace Distribyted.Archives.Formats.Rar;

/// <summary>Blocks of RAR 1.5 to 4: 16 bits of CRC-32, type, flags, size, fields of the type, then data.</summary>
internal sealed class Rar4Headers(HeaderReader headers, IReadOnlyList<string> passwords) : IRarHeaders
{
    private const int LeastLength = 7;
    private const byte Main = 0x73;
    private const byte File = 0x74;
    private const byte OldComment = 0x75;
    private const byte OldSignature = 0x79;
    private const byte Service = 0x7A;
    private const byte End = 0x7B;
    private const int HasData = 0x8000;
    private const int MainLength = 13;

    private Rar4Cipher? _cipher;
    private bool _isEncrypted;

    public int NumberGrowth(int volume)
    {
        return 0; // the number is in the block behind the data, and has two bytes
    }

    public void StartVolume()
    {
        _isEncrypted = false;
    }

    public async ValueTask<RarBlock?> ReadBlockAsync(int volume, long offset, CancellationToken cancellationToken)
    {
        if (_isEncrypted)
        {
            return await ReadEncryptedAsync(volume, offset, cancellationToken);
        }

        var bytes = await headers.PeekAsync(volume, offset, LeastLength, cancellationToken);
        if (bytes.Length < LeastLength)
        {
            return null;
        }

        var length = LengthOf(bytes.Span, volume);
        bytes = await headers.ReadAsync(volume, offset, length, cancellationToken);
        return Parse(bytes.Span, volume, offset + length);
    }

    private async ValueTask<RarBlock?> ReadEncryptedAsync(int volume, long offset, CancellationToken cancellationToken)
    {
        const int Least = Rar4Cipher.SaltLength + Rar4Cipher.BlockLength;
        var bytes = await headers.PeekAsync(volume, offset, Least, cancellationToken);
        if (bytes.Length < Least)
        {
            return null;
        }

        _cipher ??= new Rar4Cipher(passwords);
        var name = headers.Source.NameOf(volume);
        var length = _cipher.Start(bytes.Span, name);
        var padded = Rar4Cipher.SaltLength + (length + Rar4Cipher.BlockLength - 1) / Rar4Cipher.BlockLength * Rar4Cipher.BlockLength;
        bytes = await headers.ReadAsync(volume, offset, padded, cancellationToken);
        return Parse(_cipher.Decrypt(bytes.Span, name).AsSpan(0, length), volume, offset + padded);
    }

    private int LengthOf(ReadOnlySpan<byte> bytes, int volume)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[5..]);
        return length >= LeastLength ? length : throw Damaged(volume, $"claims {length} bytes");
    }

    private RarBlock Parse(ReadOnlySpan<byte> bytes, int volume, long dataOffset)
    {
        var field = new HeaderSpan(bytes);
        var crc = field.UInt16();
        var type = field.Byte();
        var flags = field.UInt16();
        _ = field.UInt16(); // length

        switch (type)
        {
            case Main:
                CheckCrc(bytes, crc, volume, (flags & 2) != 0 ? Math.Min(MainLength, bytes.Length) : null);
                _isEncrypted = (flags & 0x80) != 0;
                return new RarBlock(RarBlockKind.Main, dataOffset, 0) { IsVolume = (flags & 1) != 0, IsSolid = (flags & 8) != 0 };
            case File:
            case Service:
                var file = Rar4File.Parse(ref field, flags, out var packed);
                CheckCrc(bytes, crc, volume, (flags & 8) != 0 ? bytes.Length - field.Left : null);
                return type == File
                    ? new RarBlock(RarBlockKind.File, dataOffset, packed) { File = file }
                    : new RarBlock(RarBlockKind.Other, dataOffset, packed);
            case End:
                CheckCrc(bytes, crc, volume, null);
                return new RarBlock(RarBlockKind.End, dataOffset, 0) { MoreVolumes = (flags & 1) != 0 };
            case >= OldComment and <= OldSignature:
                // Blocks of RAR 2: each kind of them sums up something else.
                return new RarBlock(RarBlockKind.Other, dataOffset, (flags & HasData) != 0 ? field.UInt32() : 0);
            default:
                CheckCrc(bytes, crc, volume, null);
                return new RarBlock(RarBlockKind.Other, dataOffset, (flags & HasData) != 0 ? field.UInt32() : 0);
        }
    }

    /// <param name="before">Where an old comment begins, which may stand inside of the header and is not part of its sum.</param>
    private void CheckCrc(ReadOnlySpan<byte> bytes, ushort crc, int volume, int? before)
    {
        if ((ushort)Crc32.Of(bytes[2..]) != crc && (before is not { } end || (ushort)Crc32.Of(bytes[2..end]) != crc))
        {
            throw _isEncrypted
                ? Rar5Cipher.NoPassword(headers.Source.NameOf(volume))
                : Damaged(volume, "does not have the checksum that it claims");
        }
    }

    private ArchiveException Damaged(int volume, string what)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"A header in {headers.Source.NameOf(volume)} {what}.");
    }
}
