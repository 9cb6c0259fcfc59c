using System.Net;
using System.Net.Sockets;

namespace Distribyted.BitTorrent.Transport;

/// <summary>How sockets to peers and trackers are opened. Read once at start.</summary>
public sealed record TransportOptions
{
    /// <summary>TCP port for peers, 0: any free one.</summary>
    public int ListenPort { get; set; } = 42069; // what the Go program used: old port forwardings still fit

    /// <summary>Addresses that all peer and tracker traffic leaves from and listens on; empty: any. Of several of one family only
    /// TCP listens on each; the rest uses the first.</summary>
    public IReadOnlyList<IPAddress> BindAddresses { get; set; } = [];

    /// <summary>No IPv6 for peers and trackers.</summary>
    public bool DisableIPv6 { get; set; }

    /// <summary>No local discovery (BEP 14): the networks of this machine are not told which torrents are here, and are not listened to.</summary>
    public bool DisableLsd { get; set; }

    /// <summary>Whether connections to peers are encrypted. Encrypting costs 3 ms of CPU per MiB and one round trip per new connection.</summary>
    public EncryptionMode Encryption { get; set; } = EncryptionMode.Prefer;

    /// <summary>Peers are not dialled over TCP, and there is no TCP port.</summary>
    public bool DisableTcp { get; set; }

    /// <summary>No µTP: peers are not dialled over it, and theirs is not answered.</summary>
    public bool DisableUtp { get; set; }

    /// <summary>Hosts, addresses or CIDR that requests may reach although they are private, when a torrent or tracker named them.</summary>
    public IReadOnlyList<string> OutgoingAllow { get; set; } = [];

    /// <summary>The address that traffic of this family leaves from; null: any.</summary>
    public IPAddress? OwnAddress(AddressFamily family)
    {
        return BindAddresses.FirstOrDefault(address => address.AddressFamily == family);
    }

    /// <summary>Whether peers and trackers may be reached over this family as far as the configuration allows.</summary>
    public bool HasFamily(AddressFamily family)
    {
        return BindAddresses.Count == 0 || OwnAddress(family) is not null;
    }
}
