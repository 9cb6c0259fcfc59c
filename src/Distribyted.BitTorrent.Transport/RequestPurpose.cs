namespace Distribyted.BitTorrent.Transport;

/// <summary>What a request is for. Its target was chosen by a torrent or by a server, not by the user.</summary>
public enum RequestPurpose
{
    /// <summary>An announce or a scrape. Home and test trackers are common, so private addresses are fine for those two paths.</summary>
    Tracker,

    /// <summary>The target of a redirect that a server on the internet sent.</summary>
    Redirect,

    /// <summary>Content or metadata from a web server that a torrent or a magnet names (BEP 19, <c>xs</c>), redirects included.</summary>
    WebSeed,

    /// <summary>An address of the configuration.</summary>
    Configured,
}
