namespace Distribyted.BitTorrent.Protocol.Encryption;

/// <summary>How the payload behind an encryption handshake is sent; the bits of <c>crypto_provide</c> and <c>crypto_select</c>.</summary>
[Flags]
public enum CryptoMethods
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Only the handshake is encrypted.</summary>
    Plaintext = 1,

    /// <summary>Everything is encrypted, by RC4.</summary>
    Rc4 = 2,
}
