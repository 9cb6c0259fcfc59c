using System.Collections.Concurrent;
using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Who sent wrong bytes: not spoken to for an hour. By address (IPv6: by /64); on loopback, where many peers share one, by end point. Safe for use by many threads.</summary>
/// <remarks>
/// One bad piece closes one torrent to an address, a second torrent closes them all. An address from which others were connected too (CGNAT, a seedbox)
/// counts last: its end point first, the address in that torrent after three lies, in all after the third torrent.
/// </remarks>
internal sealed class PeerBans(MonotonicClock clock)
{
    private const long Duration = 3600 * MonotonicClock.Second;
    private const int MaxAddresses = 65_536;
    private const int LiesOfShared = 3;
    private const int TorrentsOfOne = 2;
    private const int TorrentsOfShared = 3;
    private const int MaxLies = 16; // remembered per address

    private readonly ConcurrentDictionary<PeerEndPoint, Lie[]> _lies = new(); // the arrays never change

    /// <summary>Addresses of which a lie is remembered.</summary>
    public int Count => _lies.Count;

    /// <param name="peer">Who sent wrong bytes.</param>
    /// <param name="torrent">Of which torrent.</param>
    /// <param name="isShared">Whether other peers are connected from the same address.</param>
    /// <param name="isServer">Whether it is a web seed. That files on a web server are not those of a torrent says nothing about its other files, so that
    /// only this torrent is closed to it.</param>
    public void Ban(PeerEndPoint peer, InfoHash torrent, bool isShared, bool isServer = false)
    {
        var key = KeyOf(peer);
        if (_lies.Count >= MaxAddresses && !_lies.ContainsKey(key))
        {
            return;
        }

        var now = clock.Now;
        var lie = new Lie(torrent, peer, isShared && key != peer, isServer, now + Duration);
        _lies.AddOrUpdate(key, [lie], (_, before) => [.. before.Where(l => l.Until > now).TakeLast(MaxLies - 1), lie]);
    }

    /// <summary>Whether this torrent does not speak to the peer.</summary>
    public bool IsBanned(PeerEndPoint peer, InfoHash torrent)
    {
        if (LiesOf(peer) is not { Length: > 0 } lies)
        {
            return false;
        }

        var here = lies.Where(l => l.Torrent == torrent).ToList();
        return here.Exists(l => !l.IsShared || l.Peer == peer) || here.Count >= LiesOfShared || IsBannedEverywhere(lies);
    }

    /// <summary>Whether no torrent speaks to the peer.</summary>
    public bool IsBanned(PeerEndPoint peer)
    {
        return LiesOf(peer) is { Length: > 0 } lies && IsBannedEverywhere(lies);
    }

    private static bool IsBannedEverywhere(Lie[] lies)
    {
        var torrents = lies.Where(static l => !l.IsServer).Select(static l => l.Torrent).Distinct().Count();
        return torrents >= (Array.Exists(lies, static l => l.IsShared) ? TorrentsOfShared : TorrentsOfOne);
    }

    private static PeerEndPoint KeyOf(PeerEndPoint peer)
    {
        return IPAddress.IsLoopback(peer.Address) ? peer : PeerClient.Of(peer);
    }

    private Lie[] LiesOf(PeerEndPoint peer)
    {
        if (_lies.IsEmpty || !_lies.TryGetValue(KeyOf(peer), out var lies))
        {
            return [];
        }

        var now = clock.Now;
        if (Array.TrueForAll(lies, l => l.Until <= now))
        {
            _lies.TryRemove(KeyValuePair.Create(KeyOf(peer), lies));
            return [];
        }

        return Array.Exists(lies, l => l.Until <= now) ? Array.FindAll(lies, l => l.Until > now) : lies;
    }

    private readonly record struct Lie(InfoHash Torrent, PeerEndPoint Peer, bool IsShared, bool IsServer, long Until);
}
