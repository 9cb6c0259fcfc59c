namespace Distribyted.BitTorrent.Transport;

/// <summary>What a request is for; strangers choose the target of every one of them.</summary>
internal enum RequestPurpose
{
    /// <summary>An announce or a scrape. Home and test trackers are common, so private addresses are fine for those two paths.</summary>
    Tracker,

    /// <summary>A place to which a server sent us on.</summary>
    Redirect,

    /// <summary>Content over HTTP (BEP 19).</summary>
    WebSeed,

    /// <summary><c>xs=</c> of a magnet link.</summary>
    ExactSource,

    /// <summary>A torrent named by its URL.</summary>
    TorrentUrl,
}
