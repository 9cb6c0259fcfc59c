namespace Distribyted.Dashboard.Removal;

/// <summary>A torrent in a route.</summary>
/// <param name="Route">The route.</param>
/// <param name="Hash">Info hash.</param>
public readonly record struct TorrentKey(string Route, string Hash);
