using System.Net;
using Distribyted.BitTorrent.Swarms;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>How the bytes of a torrent come, from whole swarms on loopback.</summary>
internal sealed class DownloadTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);

    [TestCase(16 * 1024)]
    [TestCase(48 * 1024)]
    [TestCase(256 * 1024)]
    [TestCase(1536 * 1024)]
    [TestCase(4 * 1024 * 1024)]
    [CancelAfter(60_000)]
    public async Task A_magnet_becomes_bytes(int pieceLength, CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, pieceLength, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);

        var info = await bed.GetInfoAsync(torrent, cancellationToken);

        Assert.That(info.Name, Is.EqualTo("film.mkv"));
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task What_was_cut_off_the_cache_is_fetched_again_by_its_reader(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Cache.HotCache = 0);
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await bed.WaitForAsync(() => torrent.GetPieceRuns() is [{ Status: PieceStatus.Complete }], cancellationToken);
        foreach (var slab in Directory.GetFiles(bed.PiecesFolder, "slab-*"))
        {
            using var file = new FileStream(slab, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(0);
        }

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_peer_without_fast_and_extensions_serves_too(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest, o => o with { Fast = false, Extensions = false });
        var torrent = await bed.AddFileAsync(bed.Tracker.UdpUrl, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 5_000_000, 3_000_000, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Spare_bits_of_a_bitfield_do_not_cost_the_peer(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 48 * 1024, cancellationToken);
        Assert.That(bed.Info.Layout.PieceCount % 8, Is.Not.Zero);
        bed.AddPeer(PeerHabit.Honest, o => o with { Fast = false, SetsSpareBits = true });
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Sixteen_readers_at_random_offsets_get_exact_bytes_from_a_quarter_of_the_cache(CancellationToken cancellationToken)
    {
        var film = LabContent.File("big.mkv", 256L << 20);
        await using var bed = await SwarmBed.StartAsync(film, 1 << 20, cancellationToken, o => o.Cache.Size = 64L << 20);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddSeededAsync(cancellationToken);

        await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(async reader =>
                {
                    var random = new Random(reader);
                    for (var i = 0; i < 6; i++)
                    {
                        await bed.ReadAndCompareAsync(torrent, random.NextInt64(0, film.Length - (2 << 20)), 2 << 20, cancellationToken);
                    }
                })
        );
    }

    [Test, CancelAfter(60_000)]
    public async Task A_reader_that_is_gone_wants_nothing_more(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(LabContent.File("film.mkv", 64L << 20), 256 * 1024, cancellationToken);
        var seeder = bed.AddPeer(PeerHabit.SlowRate, o => o with { BytesPerSecond = 500_000 });
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = bed.ReadAndCompareAsync(torrent, 0, 64 << 20, leaving.Token);
        await seeder.Record.WaitForAsync(r => r.BlocksSent > 20, cancellationToken);

        await leaving.CancelAsync();

        Assert.That(async () => await reading, Throws.InstanceOf<OperationCanceledException>());
        await seeder.Record.WaitForAsync(r => r.Cancels.Count > 0, cancellationToken);
        Assert.That(torrent.GetStatistics().Readers, Is.Zero);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_read_without_peers_fails_by_progress(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o => o.Swarm.ReadTimeout = TimeSpan.FromSeconds(1),
            time: new FastClock(10)
        );
        var torrent = await bed.AddFileAsync(cancellationToken);
        await using var reader = await torrent.OpenReaderAsync(0, Film.Length, 0, null, "test", cancellationToken);

        var error = await Assert.ThrowsAsync<TorrentException>(async () => await reader.ReadAsync(new byte[100], 0, cancellationToken));

        Assert.That(error!.Failure, Is.EqualTo(TorrentFailure.ReadTimeout));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_long_piece_that_the_disk_does_not_take_is_nobodys_fault_and_is_not_fetched_over_and_over(
        CancellationToken cancellationToken
    )
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            4 << 20,
            cancellationToken,
            options =>
            {
                options.Cache.PieceMemory = 16 << 20;
                options.Swarm.ReadTimeout = TimeSpan.FromSeconds(2);
                Directory.CreateDirectory(Path.Combine(options.MetadataFolder, "pieces", "slab-0000")); // a folder takes no bytes
            }
        );
        var seeder = bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await using var reader = await torrent.OpenReaderAsync(0, Film.Length, 0, null, "test", cancellationToken);

        var error = await Assert.ThrowsAsync<TorrentException>(async () => await reader.ReadAsync(new byte[100], 0, cancellationToken));

        Assert.That(error!.Failure, Is.EqualTo(TorrentFailure.ReadTimeout));
        Assert.That(bed.Session.Services.Peers.Bans.Count, Is.Zero, "the peer sent no wrong bytes");
        Assert.That(seeder.Record.Open, Is.EqualTo(1));
        Assert.That(torrent.GetStatistics().Downloaded, Is.InRange(1, Film.Length - 1));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_only_seed_is_dialled_again_although_it_hangs_up_every_now_and_then(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, time: new FastClock(5));
        bed.AddPeer(PeerHabit.DropsAfter, o => o with { After = 300 });
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Peers_on_IPv6_are_dialled_and_let_in(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o => o.Transport.BindAddresses = [IPAddress.Loopback, IPAddress.IPv6Loopback]
        );
        bed.AddPeer(PeerHabit.Honest, o => o with { Address = IPAddress.IPv6Loopback });
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await using var other = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o =>
            {
                o.Transport.BindAddresses = [IPAddress.IPv6Loopback];
                o.Swarm.DisablePex = true;
            }
        );

        var copy = await other.AddFromAsync(bed, cancellationToken, IPAddress.IPv6Loopback);
        await other.ReadAndCompareAsync(copy, 0, (int)Film.Length, cancellationToken);
    }
}
