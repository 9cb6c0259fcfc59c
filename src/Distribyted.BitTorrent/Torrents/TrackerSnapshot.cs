namespace Distribyted.BitTorrent.Torrents;

/// <summary>One tracker of a torrent right now. Immutable.</summary>
/// <param name="Url">Its address, which may contain a passkey.</param>
/// <param name="Tier">Number of its tier (BEP 12), from 0.</param>
/// <param name="IsExtra">Whether the configuration names it and not the torrent.</param>
/// <param name="HasAnswered">Whether it has acknowledged an announce in this run.</param>
/// <param name="Trouble">Why it finds no peers, or what it warns of; null: all is well, or it was not asked.</param>
/// <param name="Seeders">How many seeders it counted last; null: it never said.</param>
/// <param name="Leechers">How many leechers it counted last; null: it never said.</param>
/// <param name="IsAsking">Whether it, or another of its tier, is being asked.</param>
/// <param name="LastAsked">How long ago its tier was asked last; null: not in this run.</param>
/// <param name="NextIn">When its tier is asked next; null: not before something happens.</param>
public sealed record TrackerSnapshot(
    string Url,
    int Tier,
    bool IsExtra,
    bool HasAnswered,
    string? Trouble,
    int? Seeders,
    int? Leechers,
    bool IsAsking,
    TimeSpan? LastAsked,
    TimeSpan? NextIn
);
