namespace Distribyted.Routes.Sources;

/// <summary>One route of the file.</summary>
/// <param name="Name">One or more segments joined by a slash.</param>
/// <param name="Torrents">What it names.</param>
/// <param name="TorrentFolder">Watched folder, or null.</param>
/// <param name="Where">Place in the file, for messages: <c>distribyted.yaml:31</c>.</param>
public sealed record ConfiguredRoute(string Name, IReadOnlyList<ConfiguredTorrent> Torrents, string? TorrentFolder, string Where);
