using SharpCompress.Compressors.LZMA;

namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>Decompresses a header that is compressed and perhaps encrypted. Its lengths were checked against the limit before.</summary>
internal static class HeaderDecoder
{
    // The distance that a match may reach back needs no more memory than the output has; 4 KiB is the least that decoders take.
    private const int LeastDictionary = 4096;

    /// <summary>The header in the clear.</summary>
    /// <param name="folder">One with a single packed stream.</param>
    /// <param name="packed">Its packed bytes.</param>
    /// <param name="passwords">Tried in order.</param>
    /// <param name="name">The archive's name, for messages.</param>
    /// <exception cref="ArchiveException">It is damaged, or no password fits.</exception>
    public static byte[] Decode(Folder folder, ReadOnlyMemory<byte> packed, IReadOnlyList<string> passwords, string name)
    {
        if (!folder.IsEncrypted)
        {
            return TryDecode(folder, packed, "") ?? throw SevenZipSpan.Damaged("cannot be decompressed");
        }

        foreach (var password in passwords)
        {
            if (TryDecode(folder, packed, password) is { } header)
            {
                return header;
            }
        }

        throw new ArchiveException(
            ArchiveFailure.PasswordNeeded,
            $"The names in {name} are encrypted, and none of the passwords in archives.passwords fits."
        );
    }

    /// <returns>Null: what came out does not have the checksum of the folder.</returns>
    private static byte[]? TryDecode(Folder folder, ReadOnlyMemory<byte> packed, string password)
    {
        var header = Output(folder, folder.MainOutput(), packed, password, folder.Coders.Length);
        return header is null || (folder.Crc is { } crc && Crc32.Of(header) != crc) ? null : header;
    }

    /// <summary>What a coder gives: its input is the packed stream or what another gives.</summary>
    private static byte[]? Output(Folder folder, int output, ReadOnlyMemory<byte> packed, string password, int mostCoders)
    {
        if (mostCoders == 0)
        {
            throw SevenZipSpan.Damaged("has methods that form a circle");
        }

        // Each coder has one input and one output here, so that its number is that of both.
        if (folder.Coders.Any(static coder => coder.Inputs != 1 || coder.Outputs != 1))
        {
            throw new ArchiveException(
                ArchiveFailure.NotSupported,
                "The header of the 7z archive is compressed in a way that cannot be read here."
            );
        }

        var input = folder.OutputFor(output) is { } other ? Output(folder, other, packed, password, mostCoders - 1) : packed;
        return input is { } bytes ? Run(folder.Coders[output], bytes, folder.Lengths[output], password) : null;
    }

    private static byte[]? Run(Coder coder, ReadOnlyMemory<byte> input, long length, string password)
    {
        switch (coder.Id)
        {
            case Coder.Copy:
                return input.Length >= length ? input.Span[..(int)length].ToArray() : null;
            case Coder.Aes:
                var clear = SevenZipKey.Decrypt(input.Span, coder.Settings, password);
                return clear.Length >= length ? clear[..(int)length] : null;
            case Coder.Lzma when coder.Settings.Length == 5:
            case Coder.Lzma2 when coder.Settings.Length == 1:
                return Decompress(coder, input, length);
            default:
                throw new ArchiveException(
                    ArchiveFailure.NotSupported,
                    $"The header of the 7z archive is compressed with {coder.Compression ?? "a filter"}."
                );
        }
    }

    private static byte[]? Decompress(Coder coder, ReadOnlyMemory<byte> input, long length)
    {
        var output = new byte[length];
        try
        {
            using var packed = new MemoryStream(input.ToArray(), writable: false);
            using var lzma = LzmaStream.Create(Bounded(coder, length), packed, input.Length, length, leaveOpen: false);
            return lzma.ReadAtLeast(output, output.Length, throwOnEndOfStream: false) == output.Length ? output : null;
        }
        catch (Exception)
        {
            // Whatever the library throws at damaged input, or at a wrong password.
            return null;
        }
    }

    /// <summary>The settings, with a dictionary that is not larger than the output.</summary>
    private static byte[] Bounded(Coder coder, long length)
    {
        var settings = (byte[])coder.Settings.Clone();
        var needed = (uint)Math.Max(length, LeastDictionary);
        if (coder.Id == Coder.Lzma)
        {
            BitConverter.TryWriteBytes(settings.AsSpan(1), Math.Min(BitConverter.ToUInt32(settings, 1), needed));
            return settings;
        }

        // Half powers of two from 4 KiB.
        var size = 0;
        while (size < 40 && (2L | (uint)(size & 1)) << (size / 2 + 11) < needed)
        {
            size++;
        }

        settings[0] = (byte)Math.Min(settings[0], size);
        return settings;
    }
}
