using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>What the next start knows of the last one.</summary>
internal sealed class RestartTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);

    [Test, CancelAfter(60_000)]
    public async Task A_restart_needs_no_network(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var seeder = bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await bed.WaitForAsync(() => torrent.GetPieceRuns() is [{ Status: PieceStatus.Complete }], cancellationToken);
        var asked = seeder.Record.Requests.Count;

        await bed.RestartAsync(cancellationToken);
        bed.Session.AddKnown([new TorrentSource(bed.Info.InfoHash, null, [], [])]);
        var again = bed.Session.Find(bed.Info.InfoHash)!;

        Assert.That(again.HasMetadata, Is.True);
        var looks = Enumerable.Range(0, 8).Select(_ => Task.Run(() => LookAsync(again, cancellationToken), cancellationToken)).ToList();
        await bed.ReadAndCompareAsync(again, 0, (int)Film.Length, cancellationToken); // wakes it while others look
        await Task.WhenAll(looks);
        Assert.That(seeder.Record.Requests, Has.Count.EqualTo(asked));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_first_reader_after_a_start_dials_whom_the_tracker_named_while_the_torrent_slept(
        CancellationToken cancellationToken
    )
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.Tracker.MinInterval = 900; // asked once, it is not asked again in this test
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 300_000, cancellationToken);
        await bed.RestartAsync(cancellationToken);
        Array.ForEach(bed.KeptPeers(), File.Delete);
        var before = bed.Tracker.Announces.Count;
        bed.Session.AddKnown([new TorrentSource(bed.Info.InfoHash, null, [], [])]);
        await bed.Tracker.WaitForAsync(all => all.Count > before, cancellationToken);

        await bed.ReadAndCompareAsync(bed.Session.Find(bed.Info.InfoHash)!, 6_000_000, 300_000, cancellationToken);

        Assert.That(bed.Tracker.Announces, Has.Count.EqualTo(before + 1));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_peer_that_serves_is_kept_for_the_next_start_at_once(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, time: new FastClock(5));
        var seeder = bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, 300_000, cancellationToken);

        await bed.WaitForAsync(() => bed.KeptPeers().Length == 1, cancellationToken); // a kill -9 may come any moment
        Assert.That(
            await bed.Session.Torrents.Metainfo.LoadPeersAsync(bed.Info.InfoHash, cancellationToken),
            Is.EqualTo([seeder.EndPoint])
        );
    }

    private static async Task LookAsync(Torrent torrent, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 200; i++)
        {
            await torrent.GetInfoAsync(cancellationToken);
            torrent.GetPieceRuns();
        }
    }
}
