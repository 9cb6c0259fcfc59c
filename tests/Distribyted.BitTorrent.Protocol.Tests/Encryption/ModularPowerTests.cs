using System.Numerics;
using Distribyted.BitTorrent.Protocol.Encryption;

namespace Distribyted.BitTorrent.Protocol.Tests.Encryption;

/// <summary>Powers are those of <see cref="BigInteger.ModPow"/>.</summary>
internal sealed class ModularPowerTests
{
    private const int Length = 96;

    private static readonly BigInteger Prime = new(
        Convert.FromHexString(
            "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22"
                + "514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A36210000000000090563"
        ),
        isUnsigned: true,
        isBigEndian: true
    );

    [Test]
    public void Random_powers_are_right()
    {
        var random = TestContext.CurrentContext.Random;
        for (var i = 0; i < 500; i++)
        {
            var modulus = i % 2 == 0 ? Prime : Number(random, fixedBits: 1) | BigInteger.One;
            Check(modulus, Number(random) % modulus, Number(random, random.Next(1, 21)));
        }
    }

    [Test]
    public void Powers_at_the_edges_are_right()
    {
        var ones = (BigInteger.One << (Length * 8)) - BigInteger.One; // all limbs full: the most that is carried
        BigInteger[] moduli = [Prime, ones, (BigInteger.One << ((Length * 8) - 1)) + BigInteger.One];
        foreach (var modulus in moduli)
        {
            BigInteger[] numbers =
            [
                BigInteger.Zero,
                BigInteger.One,
                2,
                ulong.MaxValue,
                modulus >> 1,
                modulus - 2,
                modulus - BigInteger.One,
                BigInteger.One << 767 < modulus ? BigInteger.One << 767 : BigInteger.One << 766,
                (BigInteger.One << 704) - BigInteger.One,
            ];
            BigInteger[] exponents =
            [
                BigInteger.Zero,
                BigInteger.One,
                2,
                15,
                16,
                17,
                (BigInteger.One << 160) - BigInteger.One,
                modulus - BigInteger.One,
            ];
            foreach (var number in numbers)
            {
                Array.ForEach(exponents, exponent => Check(modulus, number, exponent));
            }
        }
    }

    private static void Check(BigInteger modulus, BigInteger number, BigInteger exponent)
    {
        var result = new byte[Length];
        new ModularPower(modulus).Compute(ToBytes(number), exponent.ToByteArray(isUnsigned: true, isBigEndian: true), result);

        var computed = new BigInteger(result, isUnsigned: true, isBigEndian: true);
        Assert.That(computed, Is.EqualTo(BigInteger.ModPow(number, exponent, modulus)), $"{number} ^ {exponent} mod {modulus}");
    }

    private static byte[] ToBytes(BigInteger number)
    {
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[Length - bytes.Length], .. bytes];
    }

    /// <summary>A number of so many bytes; with <paramref name="fixedBits"/> its highest bit is set.</summary>
    private static BigInteger Number(Random random, int length = Length, int fixedBits = 0)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        bytes[0] |= (byte)(fixedBits << 7);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }
}
