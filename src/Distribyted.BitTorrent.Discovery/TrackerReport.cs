namespace Distribyted.BitTorrent.Discovery;

/// <summary>One tracker of a torrent right now, for users. Immutable.</summary>
/// <param name="Url">Its address, which may contain a passkey.</param>
/// <param name="Tier">Number of its tier (BEP 12), from 0.</param>
/// <param name="IsExtra">Whether the configuration names it and not the torrent.</param>
/// <param name="HasAnswered">Whether it has acknowledged an announce in this run.</param>
/// <param name="Trouble">Why the last round of its tier failed, or what it warns of; null: all is well, or it was not asked.</param>
/// <param name="Size">How many peers it counted last; null: it never said.</param>
/// <param name="IsAsking">Whether its tier is being asked.</param>
/// <param name="LastAsked">How long ago the last round of its tier ended; null: there was none.</param>
/// <param name="NextIn">When its tier is asked next; null: not before something happens.</param>
public sealed record TrackerReport(
    string Url,
    int Tier,
    bool IsExtra,
    bool HasAnswered,
    string? Trouble,
    SwarmSize? Size,
    bool IsAsking,
    TimeSpan? LastAsked,
    TimeSpan? NextIn
);
