using System.Security.Cryptography;

namespace Distribyted.BitTorrent.Protocol.Encryption;

/// <summary>The hashes of Message Stream Encryption: SHA-1 over a word of four letters and the secrets.</summary>
public static class StreamKeys
{
    private const int Discarded = 1024;

    /// <summary>The name under which a torrent is asked for in an encryption handshake: <c>HASH('req2', info hash)</c>. Only who knows the torrent can make it.</summary>
    public static InfoHash Obfuscate(InfoHash torrent)
    {
        Span<byte> secret = stackalloc byte[InfoHash.Length];
        torrent.CopyTo(secret);
        return Hash("req2"u8, secret, default);
    }

    /// <summary>Where the pad of the dialling side ends: <c>HASH('req1', S)</c>.</summary>
    internal static InfoHash SyncMark(ReadOnlySpan<byte> secret)
    {
        return Hash("req1"u8, secret, default);
    }

    /// <summary>Hides, or reveals, the obfuscated torrent by <c>HASH('req3', S)</c>.</summary>
    internal static InfoHash Mask(InfoHash obfuscated, ReadOnlySpan<byte> secret)
    {
        Span<byte> mask = stackalloc byte[InfoHash.Length];
        Span<byte> hash = stackalloc byte[InfoHash.Length];
        Hash("req3"u8, secret, default).CopyTo(mask);
        obfuscated.CopyTo(hash);
        for (var i = 0; i < hash.Length; i++)
        {
            hash[i] ^= mask[i];
        }

        return new InfoHash(hash);
    }

    /// <summary>The cipher of what the dialling side sends.</summary>
    internal static Rc4 OfDialler(ReadOnlySpan<byte> secret, InfoHash torrent)
    {
        return Cipher("keyA"u8, secret, torrent);
    }

    /// <summary>The cipher of what the dialled side sends.</summary>
    internal static Rc4 OfListener(ReadOnlySpan<byte> secret, InfoHash torrent)
    {
        return Cipher("keyB"u8, secret, torrent);
    }

    private static Rc4 Cipher(ReadOnlySpan<byte> word, ReadOnlySpan<byte> secret, InfoHash torrent)
    {
        Span<byte> key = stackalloc byte[InfoHash.Length];
        torrent.CopyTo(key);
        Hash(word, secret, key).CopyTo(key);
        var cipher = new Rc4(key);
        cipher.Skip(Discarded);
        return cipher;
    }

    private static InfoHash Hash(ReadOnlySpan<byte> word, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Span<byte> all = stackalloc byte[4 + KeyExchange.KeyLength + InfoHash.Length];
        word.CopyTo(all);
        first.CopyTo(all[word.Length..]);
        second.CopyTo(all[(word.Length + first.Length)..]);
        Span<byte> hash = stackalloc byte[InfoHash.Length];
        SHA1.HashData(all[..(word.Length + first.Length + second.Length)], hash);
        return new InfoHash(hash);
    }
}
