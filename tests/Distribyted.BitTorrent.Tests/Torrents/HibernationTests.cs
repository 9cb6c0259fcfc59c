using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>Torrents that become idle, and what makes them active again.</summary>
internal sealed class HibernationTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);

    [Test, CancelAfter(60_000)]
    public async Task A_torrent_without_readers_sleeps_and_wakes_with_the_first_read(CancellationToken cancellationToken)
    {
        var film = LabContent.File("long.mkv", 64L << 20);
        await using var bed = await SwarmBed.StartAsync(
            film,
            256 * 1024,
            cancellationToken,
            o => o.HibernateAfter = TimeSpan.FromSeconds(1),
            time: new FastClock(5)
        );
        var seeder = bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 3_000_000, cancellationToken);

        await bed.WaitForAsync(() => torrent.GetStatistics().State == TorrentState.Idle, cancellationToken);
        await seeder.Record.WaitForAsync(static r => r.Open == 0, cancellationToken);
        var connections = seeder.Record.Connections;

        await bed.ReadAndCompareAsync(torrent, 0, 2_000_000, cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 60_000_000, 1_000_000, cancellationToken);
        Assert.That(seeder.Record.Connections, Is.GreaterThan(connections));
    }
}
