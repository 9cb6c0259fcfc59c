using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Something that happened in the engine, for those who show it.</summary>
/// <param name="Kind">What.</param>
/// <param name="Torrent">Of which torrent.</param>
/// <param name="Reader">Number of the reader in its swarm; below 0: of a request that waits for the metadata; 0: it is not about one.</param>
/// <param name="Waited">How long it has waited, or had.</param>
public readonly record struct SessionEvent(SessionEventKind Kind, InfoHash Torrent, long Reader, TimeSpan Waited);
