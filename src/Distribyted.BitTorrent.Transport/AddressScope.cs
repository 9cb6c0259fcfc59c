namespace Distribyted.BitTorrent.Transport;

/// <summary>How far an address reaches. <see cref="AddressGuard"/> decides by it which addresses may be connected to.</summary>
public enum AddressScope
{
    /// <summary>Anywhere on the internet.</summary>
    Global,

    /// <summary>A home, company or carrier network (RFC 1918, RFC 4193, RFC 6598).</summary>
    Private,

    /// <summary>This machine.</summary>
    Loopback,

    /// <summary>The directly attached network; also where clouds keep their credentials (169.254.169.254).</summary>
    LinkLocal,

    /// <summary>No host: unspecified, multicast, broadcast, reserved.</summary>
    Never,
}
