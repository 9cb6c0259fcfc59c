using System.Net;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>A torrent that sleeps with pieces, on a machine that no peer can reach.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class SleepingSeedTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 3L << 20);

    [Test]
    public async Task It_dials_peers_that_its_tracker_names_and_serves_them(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256.KiB(), cancellationToken, SleepsSoon, time: new FastClock(5));
        var torrent = await FallAsleepWithPiecesAsync(bed, cancellationToken);
        await using var leecher = await SwarmBed.StartAsync(Film, 256.KiB(), cancellationToken);
        var copy = await leecher.Session.AddAsync(
            new TorrentSource(bed.Info.InfoHash, null, [], [], new MetainfoFile(bed.Info, [], [], null, null)),
            cancellationToken
        );
        var reading = leecher.ReadAndCompareAsync(copy, 0, 1.MiB(), cancellationToken);

        TrackerNames(torrent, new PeerEndPoint(IPAddress.Loopback, leecher.Session.ListenPort));

        await reading;
        Assert.That(torrent.Swarm!.IsLooking, Is.False, "it only serves, and sleeps again soon");
    }

    [Test]
    public async Task It_dials_no_peer_when_it_is_not_to_seed(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256.KiB(),
            cancellationToken,
            static o =>
            {
                SleepsSoon(o);
                o.Swarm.Seed = false;
            },
            time: new FastClock(5)
        );
        var torrent = await FallAsleepWithPiecesAsync(bed, cancellationToken);
        var other = bed.AddPeer(PeerHabit.Honest, isNamed: false);

        TrackerNames(torrent, other.EndPoint);

        var window = bed.Session.Statistics.Window;
        await bed.WaitForAsync(() => !ReferenceEquals(bed.Session.Statistics.Window, window), cancellationToken); // the session has beaten once or twice
        Assert.That(torrent.GetStatistics().State, Is.EqualTo(TorrentState.Idle));
        Assert.That(other.Record.Connections, Is.Zero);
    }

    private static void SleepsSoon(BitTorrentOptions options)
    {
        options.HibernateAfter = TimeSpan.FromMilliseconds(100);
    }

    private static async Task<Torrent> FallAsleepWithPiecesAsync(SwarmBed bed, CancellationToken cancellationToken)
    {
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 1.MiB(), cancellationToken);
        await bed.WaitForAsync(() => torrent.GetStatistics().State == TorrentState.Idle, cancellationToken);
        return torrent;
    }

    private static void TrackerNames(ISwarmPort torrent, PeerEndPoint peer)
    {
        torrent.AddPeers([peer], PeerOrigin.Tracker);
    }
}
