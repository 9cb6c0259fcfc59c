namespace Distribyted.BitTorrent.Protocol.Trackers;

/// <summary>What a tracker is told (BEP 3, BEP 7, BEP 15).</summary>
/// <param name="InfoHash">Which torrent.</param>
/// <param name="PeerId">Who we are in this run.</param>
/// <param name="Port">Where peers reach us, TCP; over IPv4 if <paramref name="PortIPv6"/> is another one.</param>
/// <param name="Uploaded">Payload bytes since the torrent was started.</param>
/// <param name="Downloaded">Payload bytes since the torrent was started.</param>
/// <param name="Left">Bytes still missing; 0: we are a seed.</param>
/// <param name="Event">What happened.</param>
/// <param name="NumWant">Peers asked for; 0: none, -1: as many as the tracker likes.</param>
/// <param name="Key">Any number that stays for this run, so that the tracker recognises us behind a new address.</param>
/// <param name="TrackerId">What this tracker asked us to send back; null: nothing.</param>
/// <param name="PortIPv6">Where peers reach us over IPv6; null: as <paramref name="Port"/>.</param>
public sealed record AnnounceRequest(
    InfoHash InfoHash,
    PeerId PeerId,
    int Port,
    long Uploaded,
    long Downloaded,
    long Left,
    AnnounceEvent Event,
    int NumWant,
    uint Key,
    string? TrackerId = null,
    int? PortIPv6 = null
)
{
    /// <summary>Whether we take encrypted connections. Told over HTTP only, as <c>supportcrypto</c>, which Vuze began and libtorrent sends.</summary>
    public bool TakesEncryption { get; init; }

    /// <summary>Whether we take no others. Told over HTTP only, as <c>requirecrypto</c>.</summary>
    public bool NeedsEncryption { get; init; }

    /// <summary>What is told over one address family.</summary>
    public AnnounceRequest Over(bool isIPv6)
    {
        return isIPv6 && PortIPv6 is { } port ? this with { Port = port } : this;
    }
}
