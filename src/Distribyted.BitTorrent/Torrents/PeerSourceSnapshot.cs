namespace Distribyted.BitTorrent.Torrents;

/// <summary>One source of peers of a torrent right now. Immutable.</summary>
/// <param name="Kind"><c>tracker</c>, <c>dht</c> or <c>lsd</c>.</param>
/// <param name="Trouble">Why it finds no peers; null: it works, or nothing is known yet.</param>
/// <param name="Trackers">Its trackers; empty for the other kinds.</param>
public sealed record PeerSourceSnapshot(string Kind, string? Trouble, IReadOnlyList<TrackerSnapshot> Trackers);
