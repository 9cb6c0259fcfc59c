namespace Distribyted.BitTorrent.Protocol;

/// <summary>Why bytes that come from outside were refused.</summary>
public enum ProtocolError
{
    /// <summary>The bytes are not the format that they claim to be.</summary>
    Malformed,

    /// <summary>The bytes end too early.</summary>
    Truncated,

    /// <summary>A length or count is beyond what the format or our limits allow.</summary>
    TooLarge,

    /// <summary>A field that is needed is missing.</summary>
    Missing,

    /// <summary>A value is out of its range, or contradicts another one.</summary>
    Invalid,

    /// <summary>Well formed, but of a kind or version that is not spoken here.</summary>
    Unsupported,
}

/// <summary>The only exception that reading bytes, however hostile, may throw.</summary>
/// <remarks>The message can be shown to users and never holds a tracker passkey.</remarks>
public sealed class ProtocolException(ProtocolError error, string message, long offset = -1) : Exception(message)
{
    /// <summary>What kind of mistake it is.</summary>
    public ProtocolError Error { get; } = error;

    /// <summary>Bytes from the start of what was parsed; -1 where no single place is to blame.</summary>
    public long Offset { get; } = offset;
}
