using System.Numerics;
using System.Security.Cryptography;

namespace Distribyted.BitTorrent.Protocol.Encryption;

/// <summary>Our side of one Diffie-Hellman exchange, over the prime of 768 bits and the generator 2 that Message Stream Encryption prescribes.</summary>
internal sealed class KeyExchange
{
    /// <summary>Bytes of a public key, and of the secret.</summary>
    public const int KeyLength = 96;

    private const int ExponentLength = 20; // what the specification recommends: more is slower and not safer with this prime

    private static readonly BigInteger Prime = new(
        Convert.FromHexString(
            "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22"
                + "514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563"
        ),
        isUnsigned: true,
        isBigEndian: true
    );

    private static readonly ModularPower Power = new(Prime);

    private readonly byte[] _exponent = new byte[ExponentLength]; // the most significant byte first

    /// <summary>New keys.</summary>
    public KeyExchange()
    {
        RandomNumberGenerator.Fill(_exponent);
        _exponent[0] |= 0x80; // 160 bits, always
        Span<byte> generator = stackalloc byte[KeyLength];
        generator.Clear();
        generator[^1] = 2;
        Power.Compute(generator, _exponent, PublicKey);
    }

    /// <summary>What the other side is told: 96 bytes.</summary>
    public byte[] PublicKey { get; } = new byte[KeyLength];

    /// <summary>Computes what both sides know.</summary>
    /// <param name="theirs">The other side's public key: 96 bytes.</param>
    /// <param name="secret">Gets 96 bytes.</param>
    /// <exception cref="ProtocolException">A key that gives everybody the secret, or is beyond the prime.</exception>
    public void ComputeSecret(ReadOnlySpan<byte> theirs, Span<byte> secret)
    {
        var key = new BigInteger(theirs[..KeyLength], isUnsigned: true, isBigEndian: true);
        if (key <= BigInteger.One || key >= Prime - BigInteger.One)
        {
            throw new ProtocolException(ProtocolError.Invalid, "Encryption handshake: the public key is not between 2 and p-2.");
        }

        Power.Compute(theirs[..KeyLength], _exponent, secret[..KeyLength]);
    }
}
