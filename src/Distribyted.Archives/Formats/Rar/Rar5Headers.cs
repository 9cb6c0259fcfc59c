using System.Buffers.Binary;

namespace Distribyted.Archives.Formats.Rar;

/// <summary>Blocks of RAR 5 and newer: CRC-32, size, type and flags, fields of the type, records of the "extra area", then data.</summary>
internal sealed class Rar5Headers(HeaderReader headers, IReadOnlyList<string> passwords) : IRarHeaders
{
    private const int CrcLength = 4;

    // A size has at most three bytes of seven bits.
    private const int MaxSizeLength = 3;
    private const int MaxHeaderLength = 2 * 1024 * 1024;
    private const int Main = 1;
    private const int File = 2;
    private const int Encryption = 4;
    private const int End = 5;

    private Rar5Cipher? _cipher;

    public int NumberGrowth(int volume)
    {
        return Vint.LengthOf((ulong)volume) - 1;
    }

    public void StartVolume()
    {
        _cipher = null;
    }

    public async ValueTask<RarBlock?> ReadBlockAsync(int volume, long offset, CancellationToken cancellationToken)
    {
        if (_cipher is not null)
        {
            return await ReadEncryptedAsync(volume, offset, cancellationToken);
        }

        var bytes = await headers.PeekAsync(volume, offset, CrcLength + MaxSizeLength, cancellationToken);
        if (bytes.Length < CrcLength + 1)
        {
            return null;
        }

        var length = LengthOf(bytes.Span, volume);
        bytes = await headers.ReadAsync(volume, offset, length, cancellationToken);
        return Parse(bytes.Span, volume, offset + length);
    }

    private async ValueTask<RarBlock?> ReadEncryptedAsync(int volume, long offset, CancellationToken cancellationToken)
    {
        const int Least = Rar5Cipher.VectorLength + Rar5Cipher.BlockLength;
        var bytes = await headers.PeekAsync(volume, offset, Least, cancellationToken);
        if (bytes.Length < Least)
        {
            return null;
        }

        var length = LengthOf(_cipher!.Decrypt(bytes.Span[..Least]), volume);
        var padded = Rar5Cipher.VectorLength + (length + Rar5Cipher.BlockLength - 1) / Rar5Cipher.BlockLength * Rar5Cipher.BlockLength;
        bytes = await headers.ReadAsync(volume, offset, padded, cancellationToken);
        return Parse(_cipher.Decrypt(bytes.Span).AsSpan(0, length), volume, offset + padded);
    }

    /// <summary>How long a header is, its CRC and size included.</summary>
    private int LengthOf(ReadOnlySpan<byte> bytes, int volume)
    {
        var field = new HeaderSpan(bytes[CrcLength..]);
        var before = field.Left;
        var size = Vint.Read(ref field);
        var sizeLength = before - field.Left;
        return size is > 0 and <= MaxHeaderLength && sizeLength <= MaxSizeLength
            ? CrcLength + sizeLength + (int)size
            : throw Damaged(volume, $"claims {size} bytes");
    }

    private RarBlock Parse(ReadOnlySpan<byte> bytes, int volume, long dataOffset)
    {
        if (Crc32.Of(bytes[CrcLength..]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes))
        {
            throw _cipher is null
                ? Damaged(volume, "does not have the checksum that it claims")
                : Rar5Cipher.NoPassword(headers.Source.NameOf(volume));
        }

        var field = new HeaderSpan(bytes[CrcLength..]);
        _ = Vint.Read(ref field);
        var type = Vint.Read(ref field);
        var flags = Vint.Read(ref field);
        var extraLength = (flags & 1) != 0 ? Vint.ReadLength(ref field) : 0;
        var before = field.Left;
        var dataLength = (flags & 2) != 0 ? Vint.ReadLength(ref field) : 0;
        var lengthBytes = before - field.Left;
        if (extraLength > field.Left)
        {
            throw Damaged(volume, $"claims {extraLength} bytes of extra records");
        }

        var own = new HeaderSpan(field.Bytes(field.Left - extraLength));
        switch (type)
        {
            case Main:
                return ParseMain(ref own) with { DataOffset = dataOffset, DataLength = dataLength };
            case File:
                var file = Rar5File.Parse(ref own, new HeaderSpan(field.Bytes(extraLength))) with
                {
                    ContinuesBefore = (flags & 8) != 0,
                    ContinuesAfter = (flags & 16) != 0,
                };
                return new RarBlock(RarBlockKind.File, dataOffset, dataLength)
                {
                    File = file,
                    LengthBytes = lengthBytes > Vint.LengthOf((ulong)dataLength) ? 0 : lengthBytes,
                };
            case End:
                return new RarBlock(RarBlockKind.End, dataOffset, dataLength) { MoreVolumes = (Vint.Read(ref own) & 1) != 0 };
            case Encryption when _cipher is null:
                _cipher = Rar5Cipher.Read(ref own, passwords, headers.Source.NameOf(volume));
                return new RarBlock(RarBlockKind.Other, dataOffset, dataLength);
            default:
                return new RarBlock(RarBlockKind.Other, dataOffset, dataLength);
        }
    }

    private static RarBlock ParseMain(ref HeaderSpan own)
    {
        var flags = Vint.Read(ref own);
        return new RarBlock(RarBlockKind.Main, 0, 0)
        {
            IsVolume = (flags & 1) != 0,
            VolumeNumber = (flags & 2) != 0 ? Vint.Read(ref own) : null,
            IsSolid = (flags & 4) != 0,
        };
    }

    private ArchiveException Damaged(int volume, string what)
    {
        return new ArchiveException(ArchiveFailure.Damaged, $"A header in {headers.Source.NameOf(volume)} {what}.");
    }
}
