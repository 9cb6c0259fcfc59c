using Distribyted.Web.Api.V1.Contracts;

namespace Distribyted.Dashboard.Text;

/// <summary>Peers and trackers in the form for users. Pure.</summary>
internal static class PeerText
{
    /// <summary>What a peer does for us now.</summary>
    public static string State(PeerView peer)
    {
        return peer switch
        {
            { IsStalled: true } => "Silent",
            { DownloadRate: > 0 } => "Sends",
            { IsWanted: true, ChokesUs: true } => "Makes us wait",
            { UploadRate: > 0 } => "Receives",
            { IsWanted: true } => "Ready",
            _ => "Nothing to ask for",
        };
    }

    /// <summary>What carries the connection.</summary>
    public static string Connection(PeerView peer)
    {
        var transport = peer.Transport switch
        {
            TransportView.Utp => "µTP",
            TransportView.Http => "HTTP",
            _ => "TCP",
        };
        return transport + (peer.IsEncrypted ? ", encrypted" : "") + (peer.IsIncoming ? ", came to us" : "");
    }

    /// <summary>How a peer became known, or a source of peers.</summary>
    public static string Source(string source)
    {
        return source switch
        {
            "tracker" => "Tracker",
            "dht" => "DHT, the network without trackers",
            "lsd" => "This local network",
            "pex" => "Other peers",
            "magnet" => "The magnet link",
            "incoming" => "It came to us",
            "remembered" => "Known from before",
            "webseed" => "Web address in the torrent",
            _ => source,
        };
    }

    /// <summary>How a tracker is doing, in a word.</summary>
    public static string Health(TrackerView tracker)
    {
        return tracker switch
        {
            { Trouble: not null } => "Trouble",
            { HasAnswered: true } => "Works",
            { IsAsking: true } => "Asking",
            _ => "Not asked",
        };
    }

    /// <summary>The class of its chip.</summary>
    public static string Class(TrackerView tracker)
    {
        return tracker switch
        {
            { Trouble: not null } => "warn",
            { HasAnswered: true } => "good",
            _ => "",
        };
    }

    /// <summary>What else is known of it.</summary>
    public static string About(TrackerView tracker)
    {
        List<string> parts = [];
        if (tracker.Trouble is { } trouble)
        {
            parts.Add(trouble);
        }

        if (tracker.Seeders is { } seeders)
        {
            parts.Add($"counts {Say.Count(seeders, "seeder")} and {Say.Count(tracker.Leechers ?? 0, "leecher")}");
        }

        if (tracker.LastAskedSeconds is { } asked)
        {
            parts.Add($"asked {Say.Time(asked)} ago");
        }

        if (tracker.NextSeconds is { } next)
        {
            parts.Add($"again in {Say.Time(next)}");
        }

        return string.Join("; ", parts);
    }
}
