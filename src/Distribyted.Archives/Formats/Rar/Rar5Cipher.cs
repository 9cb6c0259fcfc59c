using System.Security.Cryptography;
using System.Text;

namespace Distribyted.Archives.Formats.Rar;

/// <summary>Decrypts headers of RAR 5: AES-256 in CBC mode, with a key that PBKDF2 (HMAC-SHA256) makes of the password.</summary>
internal sealed class Rar5Cipher
{
    public const int VectorLength = 16;
    public const int BlockLength = 16;
    private const int SaltLength = 16;
    private const int CheckLength = 8;

    // WinRAR uses 2^15 rounds and the format allows 2^24, which takes half a minute for each password.
    private const int MaxRoundsLog = 20;

    private readonly byte[] _key;

    private Rar5Cipher(byte[] key)
    {
        _key = key;
    }

    /// <summary>Reads an encryption header and finds the password that fits.</summary>
    /// <exception cref="ArchiveException">None fits, or the header asks for something unknown.</exception>
    public static Rar5Cipher Read(ref HeaderSpan own, IReadOnlyList<string> passwords, string name)
    {
        var version = Vint.Read(ref own);
        var hasCheck = (Vint.Read(ref own) & 1) != 0;
        var roundsLog = own.Byte();
        var salt = own.Bytes(SaltLength);
        if (version != 0 || roundsLog > MaxRoundsLog)
        {
            throw new ArchiveException(
                ArchiveFailure.NotSupported,
                $"The names in {name} are encrypted in a way that cannot be read here."
            );
        }

        var check = hasCheck ? own.Bytes(CheckLength) : default;
        foreach (var password in passwords)
        {
            var bytes = Encoding.UTF8.GetBytes(password);
            if (!hasCheck || Check(bytes, salt, 1 << roundsLog).AsSpan().SequenceEqual(check))
            {
                return new Rar5Cipher(Derive(bytes, salt, 1 << roundsLog));
            }
        }

        throw NoPassword(name);
    }

    public static ArchiveException NoPassword(string name)
    {
        return new ArchiveException(
            ArchiveFailure.PasswordNeeded,
            $"The names in {name} are encrypted, and none of the passwords in archives.passwords fits."
        );
    }

    /// <summary>Decrypts whole blocks behind their initialisation vector.</summary>
    public byte[] Decrypt(ReadOnlySpan<byte> bytes)
    {
        using var aes = Aes.Create();
        aes.Key = _key;
        return aes.DecryptCbc(bytes[VectorLength..], bytes[..VectorLength], PaddingMode.None);
    }

    // The check value takes 32 more rounds than the key and is folded to 8 bytes.
    private static byte[] Check(byte[] password, ReadOnlySpan<byte> salt, int rounds)
    {
        var hash = Derive(password, salt, rounds + 32);
        var check = new byte[CheckLength];
        for (var i = 0; i < hash.Length; i++)
        {
            check[i % CheckLength] ^= hash[i];
        }

        return check;
    }

    private static byte[] Derive(byte[] password, ReadOnlySpan<byte> salt, int rounds)
    {
        return Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, HashAlgorithmName.SHA256, 32);
    }
}
