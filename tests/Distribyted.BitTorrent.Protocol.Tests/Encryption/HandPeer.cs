using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Distribyted.BitTorrent.Protocol.Encryption;

namespace Distribyted.BitTorrent.Protocol.Tests.Encryption;

/// <summary>The other side of an encryption handshake, written down from the specification. Its private exponent is 1, so its public key is 2 and the
/// secret is our public key.</summary>
internal sealed class HandPeer
{
    private readonly byte[] _secret;
    private readonly byte[] _torrent;

    /// <param name="ours">What our side sent first; begins with its key.</param>
    /// <param name="torrent">The info hash.</param>
    /// <param name="dials">Whether this peer is the one who dials.</param>
    public HandPeer(ReadOnlySpan<byte> ours, InfoHash torrent, bool dials)
    {
        _secret = ours[..96].ToArray();
        _torrent = torrent.ToArray();
        Encryptor = Cipher(dials ? "keyA" : "keyB");
        Decryptor = Cipher(dials ? "keyB" : "keyA");
    }

    /// <summary>2, in 96 bytes.</summary>
    public static byte[] Key => KeyOf(2);

    public static BigInteger Prime { get; } =
        BigInteger.Parse(
            "0FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F"
                + "14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563",
            System.Globalization.NumberStyles.HexNumber,
            System.Globalization.CultureInfo.InvariantCulture
        );

    public Rc4 Encryptor { get; }

    public Rc4 Decryptor { get; }

    /// <summary>HASH('req1', S)</summary>
    public byte[] Sync => Hash("req1", _secret);

    /// <summary>HASH('req2', SKEY) xor HASH('req3', S)</summary>
    public byte[] Torrent => [.. Hash("req2", _torrent).Zip(Hash("req3", _secret), static (a, b) => (byte)(a ^ b))];

    public static byte[] KeyOf(BigInteger number)
    {
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[96 - bytes.Length], .. bytes];
    }

    public byte[] Encrypt(params byte[] bytes)
    {
        var encrypted = new byte[bytes.Length];
        Encryptor.Apply(bytes, encrypted);
        return encrypted;
    }

    /// <summary>VC, methods and a pad of zeros, in the clear.</summary>
    public static byte[] Methods(int methods, int pad, byte verification = 0)
    {
        var bytes = new byte[8 + 4 + 2 + pad];
        bytes[7] = verification;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), methods);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(12), (ushort)pad);
        return bytes;
    }

    private Rc4 Cipher(string word)
    {
        var cipher = new Rc4(Hash(word, [.. _secret, .. _torrent]));
        cipher.Skip(1024);
        return cipher;
    }

    private static byte[] Hash(string word, byte[] bytes)
    {
        return SHA1.HashData([.. Encoding.ASCII.GetBytes(word), .. bytes]);
    }
}
