using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>Decrypts what 7-Zip encrypted: AES-256 in CBC mode, with a key that many rounds of SHA-256 make of password and salt.</summary>
internal static class SevenZipKey
{
    private const int BlockLength = 16;

    // 7-Zip uses 2^19 rounds, which takes a quarter of a second for each password.
    private const int MaxRoundsLog = 21;

    // Says that there are no rounds: the key is salt and password.
    private const int NoRounds = 0x3F;

    public static byte[] Decrypt(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> settings, string password)
    {
        var field = new HeaderSpan(settings);
        var first = field.Byte();
        var second = (first & 0xC0) != 0 ? field.Byte() : 0;
        var salt = field.Bytes((first >> 7) + (second >> 4));
        var vector = new byte[BlockLength];
        var given = field.Bytes(((first >> 6) & 1) + (second & 15));
        given.CopyTo(vector);
        if (bytes.Length % BlockLength != 0)
        {
            throw SevenZipSpan.Damaged("is encrypted and not made of whole blocks");
        }

        using var aes = Aes.Create();
        aes.Key = Derive(password, salt, first & 0x3F);
        return aes.DecryptCbc(bytes, vector, PaddingMode.None);
    }

    private static byte[] Derive(string password, ReadOnlySpan<byte> salt, int roundsLog)
    {
        var text = Encoding.Unicode.GetBytes(password);
        if (roundsLog == NoRounds)
        {
            var key = new byte[32];
            byte[] seed = [.. salt, .. text];
            seed.AsSpan(0, Math.Min(seed.Length, key.Length)).CopyTo(key);
            return key;
        }

        if (roundsLog > MaxRoundsLog)
        {
            throw new ArchiveException(ArchiveFailure.NotSupported, $"The 7z archive is encrypted with 2^{roundsLog} rounds.");
        }

        byte[] round = [.. salt, .. text, .. new byte[8]];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0L; i < 1L << roundsLog; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(round.AsSpan(round.Length - 8), i);
            hash.AppendData(round);
        }

        return hash.GetHashAndReset();
    }
}
