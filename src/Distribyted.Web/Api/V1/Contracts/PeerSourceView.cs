namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>One tracker of a torrent.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Tier">Number of its tier (BEP 12), from 0.</param>
/// <param name="IsExtra">Whether the configuration names it and not the torrent.</param>
/// <param name="HasAnswered">Whether it has acknowledged an announce in this run.</param>
/// <param name="Trouble">Why it finds no peers, or what it warns of; null: all is well, or it was not asked.</param>
/// <param name="Seeders">How many it counted last; null: it never said.</param>
/// <param name="Leechers">How many it counted last; null: it never said.</param>
/// <param name="IsAsking">Whether it, or another of its tier, is being asked.</param>
/// <param name="LastAskedSeconds">Seconds since its tier was asked; null: not in this run.</param>
/// <param name="NextSeconds">Seconds until its tier is asked next; null: not before something happens.</param>
public sealed record TrackerView(
    string Url,
    int Tier,
    bool IsExtra,
    bool HasAnswered,
    string? Trouble,
    int? Seeders,
    int? Leechers,
    bool IsAsking,
    double? LastAskedSeconds,
    double? NextSeconds
);

/// <summary>One source of peers of a torrent.</summary>
/// <param name="Kind"><c>tracker</c>, <c>dht</c> or <c>lsd</c>.</param>
/// <param name="Trouble">Why it finds no peers; null: it works, or nothing is known yet.</param>
/// <param name="Trackers">Its trackers; empty for the other kinds.</param>
public sealed record PeerSourceView(string Kind, string? Trouble, IReadOnlyList<TrackerView> Trackers);

/// <summary>The sources that look for peers now; empty: none does, the torrent is idle and has nothing to give.</summary>
public sealed record PeerSourcesView(IReadOnlyList<PeerSourceView> Items);
