namespace Distribyted.BitTorrent.Discovery.Trackers.Exchange;

/// <summary>Where a tracker is. One object for all torrents that name it. Immutable.</summary>
internal sealed class TrackerAddress
{
    public TrackerAddress(Uri uri)
    {
        Uri = uri;
        Host = uri.IdnHost;
        Authority = $"{uri.Scheme}://{Host}:{uri.Port}";
    }

    /// <summary>All of it; may hold a passkey.</summary>
    public Uri Uri { get; }

    /// <summary>For messages, logs, and for counting what is under way.</summary>
    public string Host { get; }

    /// <summary>Scheme, host and port: what answers or does not.</summary>
    public string Authority { get; }
}
