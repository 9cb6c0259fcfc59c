using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Distribyted.Archives.Formats.Rar;

/// <summary>Decrypts headers of RAR 4: AES-128 in CBC mode, with a key that 262,144 rounds of SHA-1 make of the password and the salt before each header.</summary>
internal sealed class Rar4Cipher(IReadOnlyList<string> passwords)
{
    public const int SaltLength = 8;
    public const int BlockLength = 16;
    private const int Rounds = 0x40000;
    private const int RoundsForByte = Rounds / 16;
    private const int LeastLength = 7;
    private const int LikelyLength = 4096;

    // Archives have one salt, or one for each volume; a key takes about 50 ms.
    private const int MaxKeys = 256;

    private readonly Dictionary<(ulong Salt, int Password), (byte[] Key, byte[] Vector)> _keys = [];
    private int? _password;

    /// <summary>Decrypts the beginning of a header, and finds the password before the first one.</summary>
    /// <returns>How long the header is, without salt and padding.</returns>
    public int Start(ReadOnlySpan<byte> bytes, string name)
    {
        bytes = bytes[..(SaltLength + BlockLength)];
        for (var password = _password ?? 0; password <= (_password ?? passwords.Count - 1); password++)
        {
            var header = Decrypt(bytes, password, name);
            var (type, length) = (header[2], BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(5)));
            // There is no check value: one wrong password in 400 passes here, and then the checksum of its header does not fit.
            if (type is >= 0x72 and <= 0x7B && length is >= LeastLength and <= LikelyLength)
            {
                _password = password;
                return length;
            }
        }

        throw Rar5Cipher.NoPassword(name);
    }

    public byte[] Decrypt(ReadOnlySpan<byte> bytes, string name)
    {
        return Decrypt(bytes, _password ?? 0, name);
    }

    private byte[] Decrypt(ReadOnlySpan<byte> bytes, int password, string name)
    {
        var salt = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (!_keys.TryGetValue((salt, password), out var key))
        {
            if (_keys.Count == MaxKeys)
            {
                throw new ArchiveException(ArchiveFailure.TooLarge, $"The headers of {name} are encrypted with more than {MaxKeys} keys.");
            }

            key = Derive(passwords[password], bytes[..SaltLength]);
            _keys.Add((salt, password), key);
        }

        using var aes = Aes.Create();
        aes.Key = key.Key;
        return aes.DecryptCbc(bytes[SaltLength..], key.Vector, PaddingMode.None);
    }

    private static (byte[] Key, byte[] Vector) Derive(string password, ReadOnlySpan<byte> salt)
    {
        byte[] seed = [.. Encoding.Unicode.GetBytes(password), .. salt, 0, 0, 0];
        var vector = new byte[BlockLength];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        for (var round = 0; round < Rounds; round++)
        {
            seed[^3] = (byte)round;
            seed[^2] = (byte)(round >> 8);
            seed[^1] = (byte)(round >> 16);
            hash.AppendData(seed);
            if (round % RoundsForByte == 0)
            {
                vector[round / RoundsForByte] = hash.GetCurrentHash()[^1];
            }
        }

        var key = hash.GetHashAndReset()[..BlockLength];
        for (var i = 0; i < key.Length; i += 4)
        {
            key.AsSpan(i, 4).Reverse();
        }

        return (key, vector);
    }
}
