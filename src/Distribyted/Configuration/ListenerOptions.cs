using System.Net;

namespace Distribyted.Configuration;

/// <summary>Where one listener listens.</summary>
/// <param name="Section">Its section of the configuration: <c>http</c> or <c>webdav</c>.</param>
internal sealed record ListenerOptions(string Section)
{
    /// <summary>The port; 0: any free one, -1: none.</summary>
    public int Port { get; set; } = -1;

    /// <summary>The port for TLS; 0: any free one, -1: none.</summary>
    public int TlsPort { get; set; } = -1;

    /// <summary>Null: all addresses, IPv4 and IPv6.</summary>
    public IPAddress? Address { get; set; }

    /// <summary>Whether it is wanted; null: if the configuration has its section.</summary>
    public bool? Enabled { get; set; }

    /// <summary>Whether the file, a variable or a flag has the section.</summary>
    public bool HasSection { get; set; }

    /// <summary>Whether it is wanted at all, whatever its ports say.</summary>
    public bool IsOn => Enabled ?? HasSection;

    public bool IsListening => Ports.Any();

    public bool HasTls => IsOn && TlsPort >= 0;

    /// <summary>The ports that are opened.</summary>
    public IEnumerable<ConfiguredPort> Ports
    {
        get
        {
            ConfiguredPort[] all = IsOn ? [new(Section, "port", Address, Port), new(Section, "tls_port", Address, TlsPort)] : [];
            return all.Where(p => p.Port >= 0);
        }
    }
}
