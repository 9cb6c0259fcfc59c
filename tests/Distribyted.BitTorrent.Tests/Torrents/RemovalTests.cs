using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>Torrents that are removed, and added again.</summary>
internal sealed class RemovalTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);

    [Test, CancelAfter(60_000)]
    public async Task A_removed_torrent_fails_its_readers_and_tells_the_tracker(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.NeverUnchokes);
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await using var reader = await torrent.OpenReaderAsync(0, Film.Length, 0, null, "test", cancellationToken);
        var reading = reader.ReadAsync(new byte[100], 0, cancellationToken).AsTask();

        await bed.Session.RemoveAsync(bed.Info.InfoHash, pieces: true, cancellationToken);

        Assert.That(async () => await reading, Throws.InstanceOf<TorrentException>());
        Assert.That(bed.Session.Find(bed.Info.InfoHash), Is.Null);
        await bed.Tracker.WaitForAsync(a => a.Any(x => x.Event == "stopped"), cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_torrent_that_is_removed_and_added_again_starts_from_nothing(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        for (var round = 0; round < 3; round++)
        {
            var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
            await bed.ReadAndCompareAsync(torrent, 1_000_000, 2_000_000, cancellationToken);

            var removing = bed.Session.RemoveAsync(bed.Info.InfoHash, pieces: true, cancellationToken);
            var again = await bed.AddMagnetAsync(cancellationToken);
            await again.GetInfoAsync(cancellationToken);
            Assert.That(again.GetPieceRuns(), Is.EqualTo(new[] { new PieceRun(PieceStatus.Waiting, bed.Info.Layout.PieceCount) }));
            await bed.ReadAndCompareAsync(again, 0, 500_000, cancellationToken);
            await removing;
            await bed.Session.RemoveAsync(bed.Info.InfoHash, pieces: true, cancellationToken);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_torrent_that_is_removed_while_it_wakes_can_be_added_again(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var source = new TorrentSource(bed.Info.InfoHash, null, [], [], new MetainfoFile(bed.Info, [], [], null, null));
        for (var round = 0; round < 300; round++)
        {
            var torrent = await bed.Session.AddAsync(source, cancellationToken);
            var opening = Task.Run(
                () => torrent.OpenReaderAsync(0, Film.Length, 0, null, "test", cancellationToken).AsTask(),
                cancellationToken
            );
            Thread.SpinWait(round * 100);
            await bed.Session.RemoveAsync(bed.Info.InfoHash, pieces: true, cancellationToken);
            try
            {
                await (await opening).DisposeAsync(); // it may have been quicker
            }
            catch (TorrentException e)
            {
                Assert.That(e.Failure, Is.EqualTo(TorrentFailure.Removed));
            }
        }

        var last = await bed.Session.AddAsync(
            source with
            {
                Trackers =
                [
                    [bed.Tracker.UdpUrl],
                ],
            },
            cancellationToken
        );
        await bed.ReadAndCompareAsync(last, 0, 300_000, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_torrent_whose_metadata_cannot_be_deleted_takes_leave_of_its_trackers(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var torrent = await bed.AddSeededAsync(cancellationToken);
        var file = Directory.GetFiles(bed.MetainfoFolder, "*.torrent").Single();
        File.Delete(file);
        Directory.CreateDirectory(file); // no file is deleted here, whoever we are

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => bed.Session.RemoveAsync(bed.Info.InfoHash, true, cancellationToken));

        Assert.That(bed.Tracker.Announces.Select(static a => a.Event), Does.Contain("stopped"));
    }
}
