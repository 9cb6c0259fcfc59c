namespace Distribyted.BitTorrent.Transport;

/// <summary>How far an address reaches; decides who may make us connect to it.</summary>
internal enum AddressScope
{
    /// <summary>Anywhere on the internet.</summary>
    Global,

    /// <summary>A home, company or carrier network (RFC 1918, RFC 4193, RFC 6598).</summary>
    Private,

    /// <summary>This machine.</summary>
    Loopback,

    /// <summary>One wire; also where clouds keep their credentials (169.254.169.254).</summary>
    LinkLocal,

    /// <summary>Nobody: unspecified, multicast, broadcast, reserved.</summary>
    Never,
}
