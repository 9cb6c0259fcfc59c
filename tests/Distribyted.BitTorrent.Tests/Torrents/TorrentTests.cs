using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>What requests to a torrent are told when it ends.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class TorrentTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 3L << 20);

    [TestCase(false, TorrentFailure.Closing)]
    [TestCase(true, TorrentFailure.Removed)]
    public async Task A_read_is_told_whether_the_torrent_was_removed_or_the_session_ends(
        bool isRemoved,
        TorrentFailure expected,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.NeverUnchokes);
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await using var reader = await torrent.OpenReaderAsync(0, Film.Length, 0, null, "test", cancellationToken);
        var read = reader.ReadAsync(new byte[1], 0, cancellationToken).AsTask();

        await EndAsync(bed, isRemoved, cancellationToken);

        Assert.That(await FailureOfAsync(read), Is.EqualTo(expected));
        Assert.That(await FailureOfAsync(reader.ReadAsync(new byte[1], 0, cancellationToken).AsTask()), Is.EqualTo(expected));
    }

    [TestCase(false, TorrentFailure.Closing)]
    [TestCase(true, TorrentFailure.Removed)]
    public async Task Who_waits_for_metadata_is_told_whether_the_torrent_was_removed_or_the_session_ends(
        bool isRemoved,
        TorrentFailure expected,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        var waiting = torrent.GetInfoAsync(cancellationToken);

        await EndAsync(bed, isRemoved, cancellationToken);

        Assert.That(await FailureOfAsync(waiting), Is.EqualTo(expected));
        Assert.That(await FailureOfAsync(torrent.GetInfoAsync(cancellationToken)), Is.EqualTo(expected));
    }

    private static async Task EndAsync(SwarmBed bed, bool isRemoved, CancellationToken cancellationToken)
    {
        if (isRemoved)
        {
            await bed.Session.RemoveAsync(bed.Info.InfoHash, pieces: true, cancellationToken);
        }
        else
        {
            await bed.Session.DisposeAsync();
        }
    }

    private static async Task<TorrentFailure> FailureOfAsync(Task work)
    {
        var failure = await Assert.ThrowsAsync<TorrentException>(() => work);
        return failure!.Failure;
    }
}
