using System.Collections.Concurrent;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Encryption;

namespace Distribyted.BitTorrent.Peers;

/// <summary>The torrents of the session by the names that encryption handshakes use for them. One hash is computed when a torrent is added; an incoming
/// connection costs a look-up, however many torrents there are. Safe for use by many threads.</summary>
internal sealed class ObfuscatedHashes
{
    private readonly ConcurrentDictionary<InfoHash, InfoHash> _torrents = new();

    public int Count => _torrents.Count;

    public void Add(InfoHash torrent)
    {
        _torrents[StreamKeys.Obfuscate(torrent)] = torrent;
    }

    public void Remove(InfoHash torrent)
    {
        _torrents.TryRemove(StreamKeys.Obfuscate(torrent), out _);
    }

    /// <summary>The torrent of this name, or null.</summary>
    public InfoHash? Reveal(InfoHash obfuscated)
    {
        return _torrents.TryGetValue(obfuscated, out var torrent) ? torrent : null;
    }
}
