namespace Distribyted.BitTorrent.Discovery;

/// <summary>One way to find peers for one torrent, and to be found for it: its trackers, the DHT, the local network. Safe for use by many threads.</summary>
/// <remarks>
/// <para>A source is made by a <see cref="PeerSourceFactory"/> and sees the torrent by <see cref="ISwarmPort"/>; what torrents share (sockets, queues) belongs
/// to whatever made the factory. It starts and stops once. It goes on while the torrent is idle, as long as the torrent has pieces to give.</para>
/// <para>Calls never wait for the network, except <see cref="StopAsync"/>. They may come from inside locks of the torrent, so a source asks
/// <see cref="ISwarmPort.Urgency"/> and hands over peers outside its own locks.</para>
/// </remarks>
public interface IPeerSource
{
    /// <summary>How the peers of this source became known; decides whether a private torrent may have it (BEP 27).</summary>
    PeerOrigin Origin { get; }

    /// <summary>Why it finds no peers, or what its server warns of, to be shown to a user; null: it works, or nothing is known yet.</summary>
    string? Trouble { get; }

    /// <summary>How many peers it knows of; null: it does not count them, or nothing is known yet.</summary>
    SwarmSize? Size => null;

    /// <summary>The trackers that it asks; empty: it is no source of that kind.</summary>
    IReadOnlyList<TrackerReport> Trackers => [];

    /// <summary>Looks for peers now, and again in intervals of its own. Does nothing when it was stopped before.</summary>
    void Start();

    /// <summary>Peers are wanted now: it looks for them as soon as its rules allow. May be called as often as one likes.</summary>
    void WantPeers();

    /// <summary>Something has changed that a source may have to tell or to act on.</summary>
    void Changed(SwarmChange change);

    /// <summary>Ends looking, and says that we are gone where that is usual, as far as the token leaves time. Throws nothing; a second call returns at once.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}
