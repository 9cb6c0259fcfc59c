namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>Which transport a port mapping is for; the values are the protocol numbers of IP (IANA).</summary>
public enum MappedProtocol
{
    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,
}
