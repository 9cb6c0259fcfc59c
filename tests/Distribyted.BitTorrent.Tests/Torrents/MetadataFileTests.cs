using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>Metadata on a disk that refuses or loses it.</summary>
internal sealed class MetadataFileTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);

    [Test, CancelAfter(60_000)]
    public async Task Metadata_that_the_disk_refused_is_kept_as_soon_as_it_takes_it(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, time: new FastClock(5));
        bed.AddPeer(PeerHabit.Honest);
        Directory.Delete(bed.MetainfoFolder, recursive: true);
        await File.WriteAllTextAsync(bed.MetainfoFolder, "no folder", cancellationToken);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await bed.WaitForAsync(
            () => torrent.GetStatistics().Reason?.Contains("cannot be kept", StringComparison.Ordinal) == true,
            cancellationToken
        );

        File.Delete(bed.MetainfoFolder);
        Directory.CreateDirectory(bed.MetainfoFolder);

        await bed.GetInfoAsync(torrent, cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 1_000_000, 300_000, cancellationToken);
        Assert.That(torrent.GetStatistics().Reason, Is.Null);
    }

    [TestCase(false)]
    [TestCase(true, Description = "the first to notice is a reader")]
    [CancelAfter(60_000)]
    public async Task Metadata_that_went_from_disk_is_fetched_again(bool reads, CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        await (await bed.AddMagnetAsync(cancellationToken)).GetInfoAsync(cancellationToken);
        await bed.RestartAsync(cancellationToken);
        bed.Session.AddKnown([
            new TorrentSource(
                bed.Info.InfoHash,
                null,
                [
                    [bed.Tracker.UdpUrl],
                ],
                []
            ),
        ]);
        var torrent = bed.Session.Find(bed.Info.InfoHash)!;
        File.Delete(Path.Combine(bed.MetainfoFolder, bed.Info.InfoHash + ".torrent"));

        if (reads)
        {
            Assert.That(
                async () => await torrent.OpenReaderAsync(0, Film.Length, 0, null, "test", cancellationToken),
                Throws.InstanceOf<TorrentException>().With.Property("Failure").EqualTo(TorrentFailure.MetadataTimeout)
            );
        }

        await bed.GetInfoAsync(torrent, cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 1_000_000, 300_000, cancellationToken);
        Assert.That(File.Exists(Path.Combine(bed.MetainfoFolder, bed.Info.InfoHash + ".torrent")));
    }
}
