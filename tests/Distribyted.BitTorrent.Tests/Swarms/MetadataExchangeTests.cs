using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Metadata from peers and for peers (BEP 9), in whole swarms.</summary>
internal sealed class MetadataExchangeTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);

    [TestCase(false, true)]
    [TestCase(true, false)]
    [TestCase(true, true)]
    [CancelAfter(60_000)]
    public async Task A_peer_that_says_late_that_it_has_metadata_or_never_how_much_gives_it(
        bool later,
        bool saysSize,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await SwarmBed.StartAsync(Film, 16 * 1024, cancellationToken); // metadata of two parts
        bed.AddPeer(PeerHabit.Honest, o => o with { SaysMetadataLater = later, SaysMetadataSize = saysSize });
        var torrent = await bed.AddMagnetAsync(cancellationToken);

        Assert.That((await bed.GetInfoAsync(torrent, cancellationToken)).InfoHash, Is.EqualTo(bed.Info.InfoHash));
    }

    [TestCase(1)]
    [TestCase(50_000)]
    [TestCase(3_000_000)]
    [CancelAfter(60_000)]
    public async Task A_peer_that_lies_about_the_size_of_the_metadata_keeps_no_other_peer_out(
        int claimed,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, time: new FastClock(5));
        var liar = bed.AddPeer(PeerHabit.Honest, o => o with { Metadata = new byte[claimed] });
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await liar.Record.WaitForAsync(static r => r.MetadataRequests.Count > 0, cancellationToken);
        var honest = bed.AddPeer(PeerHabit.Honest);
        await bed.Session.AddAsync(new TorrentSource(bed.Info.InfoHash, null, [], [honest.EndPoint]), cancellationToken);

        var info = await bed.GetInfoAsync(torrent, cancellationToken);

        Assert.That(info.InfoHash, Is.EqualTo(bed.Info.InfoHash));
        await bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Who_waits_is_told_that_peers_sent_another_torrent_until_the_right_metadata_comes(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, time: new FastClock(5));
        bed.AddPeer(PeerHabit.Honest, o => o with { Metadata = new byte[50_000] });
        var torrent = await bed.AddMagnetAsync(cancellationToken);

        await bed.WaitForAsync(
            () =>
                torrent
                    .GetStatistics()
                    .Reason?.StartsWith("waits for metadata: 1 peer sent metadata of another torrent", StringComparison.Ordinal) == true,
            cancellationToken
        );
        var honest = bed.AddPeer(PeerHabit.Honest);
        await bed.Session.AddAsync(new TorrentSource(bed.Info.InfoHash, null, [], [honest.EndPoint]), cancellationToken);

        await bed.GetInfoAsync(torrent, cancellationToken);
        Assert.That(torrent.GetStatistics().Reason, Is.Null);
    }

    [Test, CancelAfter(60_000)]
    public async Task Long_metadata_is_given_to_others(CancellationToken cancellationToken)
    {
        var film = LabContent.File("long.mkv", 176L << 20); // 11,264 pieces: 220 KiB of hashes, 14 parts that are asked for at once
        await using var bed = await SwarmBed.StartAsync(film, 16 * 1024, cancellationToken);
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await using var other = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Swarm.DisablePex = true);

        var copy = await other.AddFromAsync(bed, cancellationToken);

        Assert.That((await other.GetInfoAsync(copy, cancellationToken)).Layout.PieceCount, Is.EqualTo(bed.Info.Layout.PieceCount));
    }
}
