using System.Net;

namespace Distribyted.Configuration;

/// <summary>One port that is listened on.</summary>
/// <param name="Section"><c>http</c>, <c>webdav</c> or <c>torrent</c>.</param>
/// <param name="Name"><c>port</c>, <c>tls_port</c> or <c>listen_port</c>.</param>
/// <param name="Address">Null: all, IPv4 and IPv6.</param>
/// <param name="Port">0: any free one.</param>
internal sealed record ConfiguredPort(string Section, string Name, IPAddress? Address, int Port)
{
    /// <summary><c>webdav.tls_port</c>.</summary>
    public string Key => $"{Section}.{Name}";

    public bool IsTls => Name == "tls_port";

    /// <summary>Whether both want the same port of the same address.</summary>
    public bool Collides(ConfiguredPort other)
    {
        return Port > 0
            && Port == other.Port
            && (Address is null || other.Address is null || Address.Equals(other.Address) || IsAny(Address) || IsAny(other.Address));
    }

    private static bool IsAny(IPAddress address)
    {
        return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
    }
}
