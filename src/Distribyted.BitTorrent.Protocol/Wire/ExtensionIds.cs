namespace Distribyted.BitTorrent.Protocol.Wire;

/// <summary>The ids that we give out for extended messages sent <em>to</em> us (BEP 10). A peer's own may differ.</summary>
internal static class ExtensionIds
{
    /// <summary>The extension handshake, always.</summary>
    public const byte Handshake = 0;

    /// <summary><c>ut_pex</c>, BEP 11.</summary>
    public const byte Pex = 1;

    /// <summary><c>ut_metadata</c>, BEP 9.</summary>
    public const byte Metadata = 2;

    /// <summary><c>upload_only</c>, BEP 21.</summary>
    public const byte UploadOnly = 3;

    /// <summary><c>lt_donthave</c>, BEP 54.</summary>
    public const byte DontHave = 7;
}
