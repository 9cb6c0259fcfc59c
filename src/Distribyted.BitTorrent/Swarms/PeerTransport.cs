namespace Distribyted.BitTorrent.Swarms;

/// <summary>What carries a connection to a peer.</summary>
public enum PeerTransport
{
    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>µTP over UDP (BEP 29).</summary>
    Utp,

    /// <summary>HTTP: it is a web seed (BEP 19).</summary>
    Http,
}
