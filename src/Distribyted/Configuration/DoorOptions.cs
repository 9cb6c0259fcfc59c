using System.Net;

namespace Distribyted.Configuration;

/// <summary>Where the doors listen.</summary>
internal sealed record DoorOptions
{
    /// <summary>Port of the web door; 0: any free one, -1: none.</summary>
    public int WebPort { get; set; } = 4444; // the Go program's

    /// <summary>Port of the web door over TLS; 0: any free one, -1: none.</summary>
    public int WebTlsPort { get; set; } = -1;

    /// <summary>Address of the web door; null: all, IPv4 and IPv6.</summary>
    public IPAddress? WebAddress { get; set; }

    /// <summary>Whether the WebDAV door is there; null: when the section <c>webdav</c> is.</summary>
    public bool? WebDavEnabled { get; set; }

    /// <summary>Whether the file, a variable or a flag has the section.</summary>
    public bool HasWebDavSection { get; set; }

    /// <summary>Port of the WebDAV door; 0: any free one, -1: none.</summary>
    public int WebDavPort { get; set; } = 36911; // the Go program's

    /// <summary>Port of the WebDAV door over TLS; 0: any free one, -1: none.</summary>
    public int WebDavTlsPort { get; set; } = -1;

    /// <summary>Address of the WebDAV door; null: all, IPv4 and IPv6.</summary>
    public IPAddress? WebDavAddress { get; set; }

    public bool HasWebDav => IsWebDavOn && (WebDavPort >= 0 || WebDavTlsPort >= 0);

    public bool HasWeb => WebPort >= 0 || WebTlsPort >= 0;

    public bool HasTls => WebTlsPort >= 0 || (IsWebDavOn && WebDavTlsPort >= 0);

    /// <summary>Whether WebDAV is wanted at all, whatever its ports say.</summary>
    public bool IsWebDavOn => WebDavEnabled ?? HasWebDavSection;

    /// <summary>All that listens, in the order in which ports are tried.</summary>
    public IEnumerable<ListenerOptions> Listeners
    {
        get
        {
            ListenerOptions[] all =
            [
                new("http", "port", WebAddress, WebPort),
                new("http", "tls_port", WebAddress, WebTlsPort),
                new("webdav", "port", WebDavAddress, IsWebDavOn ? WebDavPort : -1),
                new("webdav", "tls_port", WebDavAddress, IsWebDavOn ? WebDavTlsPort : -1),
            ];
            return all.Where(l => l.Port >= 0);
        }
    }
}
