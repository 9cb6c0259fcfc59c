using System.Net;

namespace Distribyted.Configuration;

/// <summary>Where the doors listen.</summary>
internal sealed record DoorOptions
{
    /// <summary>Port of the web door; 0: any free one, -1: none.</summary>
    public int WebPort { get; set; } = 4444; // the Go program's

    /// <summary>Address of the web door; null: all, IPv4 and IPv6.</summary>
    public IPAddress? WebAddress { get; set; }

    /// <summary>Whether the WebDAV door is there; null: when the section <c>webdav</c> is.</summary>
    public bool? WebDavEnabled { get; set; }

    /// <summary>Whether the file, a variable or a flag has the section.</summary>
    public bool HasWebDavSection { get; set; }

    /// <summary>Port of the WebDAV door; 0: any free one, -1: none.</summary>
    public int WebDavPort { get; set; } = 36911; // the Go program's

    /// <summary>Address of the WebDAV door; null: all, IPv4 and IPv6.</summary>
    public IPAddress? WebDavAddress { get; set; }

    public bool HasWebDav => (WebDavEnabled ?? HasWebDavSection) && WebDavPort >= 0;

    public bool HasWeb => WebPort >= 0;
}
