namespace Distribyted.BitTorrent.Transport;

/// <summary>Whether connections to peers are encrypted (Message Stream Encryption).</summary>
public enum EncryptionMode
{
    /// <summary>Both kinds of connections, both ways. The payload is sent in the clear where the peer allows it.</summary>
    Prefer,

    /// <summary>Encrypted connections with encrypted payload, and nothing else.</summary>
    Require,

    /// <summary>Connections in the clear, and nothing else.</summary>
    Disable,
}
