using System.Net;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>The whole engine against real peers on loopback.</summary>
internal sealed class SwarmTests
{
    private const int PeerBanned = 1004;
    private const int PieceFailed = 1005;
    private const int MetadataNotKept = 1012;
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

        var info = await torrent.GetInfoAsync(cancellationToken);

        Assert.That(info.Name, Is.EqualTo("film.mkv"));
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task What_was_cut_off_the_cache_is_fetched_again_by_its_reader(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Cache.HotCache = 0);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await bed.WaitForAsync(() => torrent.GetPieceRuns() is [{ Status: PieceStatus.Complete }], cancellationToken);
        foreach (var slab in Directory.GetFiles(bed.PiecesFolder, "slab-*"))
        {
            using var file = new FileStream(slab, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(0);
        }

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

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

        Assert.That((await torrent.GetInfoAsync(cancellationToken)).InfoHash, Is.EqualTo(bed.Info.InfoHash));
    }

    [Test, CancelAfter(60_000)]
    public async Task Spare_bits_of_a_bitfield_do_not_cost_the_peer(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 48 * 1024, cancellationToken);
        Assert.That(bed.Info.Layout.PieceCount % 8, Is.Not.Zero);
        bed.AddPeer(PeerHabit.Honest, o => o with { Fast = false, SetsSpareBits = true });
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_leecher_without_the_fast_extension_gets_an_answer_when_a_piece_is_gone(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Swarm.Seed = true);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);
        await bed.WaitForAsync(() => torrent.GetPieceRuns()[0].Status == PieceStatus.Complete, cancellationToken);
        await using var leecher = await PlainLeecher.ConnectAsync(bed.Info.InfoHash, bed.Session.ListenPort, cancellationToken);
        await leecher.SendAsync(w => PeerMessageWriter.WriteInterested(w), cancellationToken);
        await leecher.WaitForAsync(PeerMessageKind.Unchoke, cancellationToken);

        await leecher.SendAsync(w => PeerMessageWriter.WriteRequest(w, bed.Info.Layout.PieceCount - 1, 0, 1000), cancellationToken);
        await leecher.WaitForAsync(PeerMessageKind.Choke, cancellationToken);
        await leecher.WaitForAsync(PeerMessageKind.Unchoke, cancellationToken);

        await leecher.SendAsync(w => PeerMessageWriter.WriteRequest(w, 0, 0, 1000), cancellationToken);
        await leecher.WaitForAsync(PeerMessageKind.Piece, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_peer_without_fast_and_extensions_serves_too(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest, o => o with { Fast = false, Extensions = false });
        var torrent = await bed.Session.AddAsync(
            new TorrentSource(
                bed.Info.InfoHash,
                null,
                [
                    [bed.Tracker.UdpUrl],
                ],
                [],
                new Protocol.Metainfo.MetainfoFile(bed.Info, [], [], null, null)
            ),
            cancellationToken
        );

        await bed.ReadAndCompareAsync(torrent, 5_000_000, 3_000_000, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_liar_is_banned_after_at_most_two_failed_pieces(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var liar = bed.AddPeer(PeerHabit.WrongBytes);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        await liar.Record.WaitForAsync(r => r.Count(PeerMessageKind.Interested) > 0, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        Assert.That(bed.Log.Count(PieceFailed), Is.LessThanOrEqualTo(2), bed.Log.All);
        Assert.That(liar.Record.BlocksSent, Is.GreaterThan(0));
        Assert.That(bed.Log.Count(PeerBanned), Is.EqualTo(1), bed.Log.All);
        Assert.That(liar.Record.Open, Is.Zero);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_peer_that_stalls_is_worked_around(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var stalling = bed.AddPeer(PeerHabit.Stalls, o => o with { After = 3 });
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        await stalling.Record.WaitForAsync(r => r.Count(PeerMessageKind.Interested) > 0, cancellationToken);
        var started = TimeProvider.System.GetTimestamp();

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        await TestContext.Out.WriteLineAsync($"read past the stall in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.00} s");
        Assert.That(stalling.Record.Requests, Is.Not.Empty);
    }

    [TestCase(PeerHabit.Garbage)]
    [TestCase(PeerHabit.GarbageInsteadOfHandshake)]
    [TestCase(PeerHabit.HugeLength)]
    [CancelAfter(60_000)]
    public async Task Garbage_costs_one_connection(PeerHabit habit, CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var faulty = bed.AddPeer(habit);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await faulty.Record.WaitForAsync(r => r is { Connections: > 0, Open: 0 }, cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        Assert.That(faulty.Record.Connections, Is.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_block_is_not_lost_when_garbage_follows_it(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var faulty = bed.AddPeer(PeerHabit.GarbageBehindBlock);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        var reading = bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);
        await faulty.Record.WaitForAsync(r => r is { BlocksSent: > 0, Open: 0 }, cancellationToken);

        await bed.AddPeer(PeerHabit.Honest).DialAsync(new IPEndPoint(IPAddress.Loopback, bed.Session.ListenPort), cancellationToken);

        await reading;
    }

    [Test, CancelAfter(60_000)]
    public async Task A_torrent_whose_metadata_cannot_be_deleted_takes_leave_of_its_trackers(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        var file = Directory.GetFiles(bed.MetainfoFolder, "*.torrent").Single();
        File.Delete(file);
        Directory.CreateDirectory(file); // no file is deleted here, whoever we are

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => bed.Session.RemoveAsync(bed.Info.InfoHash, true, cancellationToken));

        Assert.That(bed.Tracker.Announces.Select(static a => a.Event), Does.Contain("stopped"));
    }

    [TestCase(PeerHabit.NeverUnchokes)]
    [TestCase(PeerHabit.LiesBitfield)]
    [TestCase(PeerHabit.DropsAfter)]
    [TestCase(PeerHabit.Unrequested)]
    [TestCase(PeerHabit.WrongMetadata)]
    [CancelAfter(60_000)]
    public async Task Beside_one_honest_seeder_no_habit_keeps_the_bytes_away(PeerHabit habit, CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(habit, o => o with { After = 5 });
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Sixteen_readers_at_random_offsets_get_exact_bytes_from_a_quarter_of_the_cache(CancellationToken cancellationToken)
    {
        var film = LabContent.File("big.mkv", 256L << 20);
        await using var bed = await SwarmBed.StartAsync(film, 1 << 20, cancellationToken, o => o.Cache.Size = 64L << 20);
        bed.AddPeer(PeerHabit.Honest);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);

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
    public async Task A_restart_needs_no_network(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var seeder = bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
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
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
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
    public async Task The_only_seed_is_dialled_again_although_it_hangs_up_every_now_and_then(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.DropsAfter, o => o with { After = 300 });
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_peer_that_serves_is_kept_for_the_next_start_at_once(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var seeder = bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, 300_000, cancellationToken);

        await bed.WaitForAsync(() => bed.KeptPeers().Length == 1, cancellationToken); // a kill -9 may come any moment
        Assert.That(
            await bed.Session.Torrents.Metainfo.LoadPeersAsync(bed.Info.InfoHash, cancellationToken),
            Is.EqualTo([seeder.EndPoint])
        );
    }

    [Test, CancelAfter(60_000)]
    public async Task Metadata_that_the_disk_refused_is_kept_as_soon_as_it_takes_it(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        Directory.Delete(bed.MetainfoFolder, recursive: true);
        await File.WriteAllTextAsync(bed.MetainfoFolder, "no folder", cancellationToken);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await bed.Log.WaitForAsync(MetadataNotKept, cancellationToken);
        Assert.That(torrent.GetStatistics().Reason, Does.Contain("cannot be kept"));

        File.Delete(bed.MetainfoFolder);
        Directory.CreateDirectory(bed.MetainfoFolder);

        await torrent.GetInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 1_000_000, 300_000, cancellationToken);
        Assert.That(bed.Log.Count(MetadataNotKept), Is.EqualTo(1));
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

        await torrent.GetInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 1_000_000, 300_000, cancellationToken);
        Assert.That(File.Exists(Path.Combine(bed.MetainfoFolder, bed.Info.InfoHash + ".torrent")));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_torrent_that_is_removed_while_it_wakes_can_be_added_again(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var source = new TorrentSource(bed.Info.InfoHash, null, [], [], new Protocol.Metainfo.MetainfoFile(bed.Info, [], [], null, null));
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
    public async Task A_reader_that_is_gone_wants_nothing_more(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(LabContent.File("film.mkv", 64L << 20), 256 * 1024, cancellationToken);
        var seeder = bed.AddPeer(PeerHabit.SlowRate, o => o with { BytesPerSecond = 500_000 });
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
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
            o => o.Swarm.ReadTimeout = TimeSpan.FromSeconds(1)
        );
        var torrent = await bed.Session.AddAsync(
            new TorrentSource(bed.Info.InfoHash, null, [], [], new Protocol.Metainfo.MetainfoFile(bed.Info, [], [], null, null)),
            cancellationToken
        );
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
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        await using var reader = await torrent.OpenReaderAsync(0, Film.Length, 0, null, "test", cancellationToken);

        var error = await Assert.ThrowsAsync<TorrentException>(async () => await reader.ReadAsync(new byte[100], 0, cancellationToken));

        Assert.That(error!.Failure, Is.EqualTo(TorrentFailure.ReadTimeout));
        await bed.Log.WaitForAsync(1602, cancellationToken); // the disk is full
        Assert.That(bed.Log.Count(1005), Is.Zero, "no hash was wrong");
        Assert.That(torrent.GetStatistics().Downloaded, Is.LessThan(Film.Length));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_removed_torrent_fails_its_readers_and_tells_the_tracker(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.NeverUnchokes);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
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
            var torrent = await bed.AddMagnetAsync(cancellationToken);
            await torrent.GetInfoAsync(cancellationToken);
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
    public async Task A_torrent_that_nobody_reads_sleeps_and_wakes_with_the_first_read(CancellationToken cancellationToken)
    {
        var film = LabContent.File("long.mkv", 64L << 20);
        await using var bed = await SwarmBed.StartAsync(
            film,
            256 * 1024,
            cancellationToken,
            o => o.HibernateAfter = TimeSpan.FromSeconds(1)
        );
        var seeder = bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 3_000_000, cancellationToken);

        await bed.WaitForAsync(() => torrent.GetStatistics().State == TorrentState.Idle, cancellationToken);
        await seeder.Record.WaitForAsync(static r => r.Open == 0, cancellationToken);
        var connections = seeder.Record.Connections;

        await bed.ReadAndCompareAsync(torrent, 0, 2_000_000, cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 60_000_000, 1_000_000, cancellationToken);
        Assert.That(seeder.Record.Connections, Is.GreaterThan(connections));
    }

    [TestCase(1)]
    [TestCase(50_000)]
    [TestCase(3_000_000)]
    [CancelAfter(60_000)]
    public async Task A_peer_that_lies_about_the_size_of_the_metadata_keeps_nobody_out(int claimed, CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var liar = bed.AddPeer(PeerHabit.Honest, o => o with { Metadata = new byte[claimed] });
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await liar.Record.WaitForAsync(static r => r.MetadataRequests.Count > 0, cancellationToken);
        var honest = bed.AddPeer(PeerHabit.Honest);
        await bed.Session.AddAsync(new TorrentSource(bed.Info.InfoHash, null, [], [honest.EndPoint]), cancellationToken);

        var info = await torrent.GetInfoAsync(cancellationToken);

        Assert.That(info.InfoHash, Is.EqualTo(bed.Info.InfoHash));
        await bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Peers_on_IPv6_are_dialled_and_let_in(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o => o.Transport.BindAddresses = [System.Net.IPAddress.Loopback, System.Net.IPAddress.IPv6Loopback]
        );
        bed.AddPeer(PeerHabit.Honest, o => o with { Address = System.Net.IPAddress.IPv6Loopback });
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await using var other = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o =>
            {
                o.Transport.BindAddresses = [System.Net.IPAddress.IPv6Loopback];
                o.Swarm.DisablePex = true;
            }
        );

        var copy = await other.Session.AddAsync(
            new TorrentSource(
                bed.Info.InfoHash,
                null,
                [],
                [new Protocol.PeerEndPoint(System.Net.IPAddress.IPv6Loopback, bed.Session.ListenPort)]
            ),
            cancellationToken
        );
        await copy.GetInfoAsync(cancellationToken);
        await other.ReadAndCompareAsync(copy, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_download_limit_is_kept(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Swarm.DownloadRateLimit = 2_000_000);
        bed.AddPeer(PeerHabit.Honest);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        var started = TimeProvider.System.GetTimestamp();

        await bed.ReadAndCompareAsync(torrent, 0, 5_000_000, cancellationToken);

        // A lower bound only: 5 MB at 2 MB/s, 20 % more for a reader that waits, a burst at the start.
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.GreaterThan(TimeSpan.FromSeconds(1.5)));
    }

    [Test, CancelAfter(60_000)]
    public async Task An_upload_limit_is_kept(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o =>
            {
                o.Swarm.UploadRateLimit = 2_000_000;
                o.Swarm.DisablePex = true; // else the other one is told of the seeder, and reads from there
            }
        );
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 5_000_000, cancellationToken);
        await using var other = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var copy = await other.Session.AddAsync(
            new TorrentSource(
                bed.Info.InfoHash,
                null,
                [],
                [new Protocol.PeerEndPoint(System.Net.IPAddress.Loopback, bed.Session.ListenPort)]
            ),
            cancellationToken
        );
        await copy.GetInfoAsync(cancellationToken);
        var started = TimeProvider.System.GetTimestamp();

        await other.ReadAndCompareAsync(copy, 0, 5_000_000, cancellationToken);

        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.GreaterThan(TimeSpan.FromSeconds(1.5)));
    }

    [Test, CancelAfter(60_000)]
    public async Task What_we_hold_is_given_to_others(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await using var other = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Swarm.DisablePex = true);
        var copy = await other.Session.AddAsync(
            new TorrentSource(
                bed.Info.InfoHash,
                null,
                [],
                [new Protocol.PeerEndPoint(System.Net.IPAddress.Loopback, bed.Session.ListenPort)]
            ),
            cancellationToken
        );

        await copy.GetInfoAsync(cancellationToken);
        await other.ReadAndCompareAsync(copy, 0, (int)Film.Length, cancellationToken);

        Assert.That(torrent.GetStatistics().Uploaded, Is.GreaterThanOrEqualTo(Film.Length));
    }

    [Test, CancelAfter(60_000)]
    public async Task Long_metadata_is_given_to_others(CancellationToken cancellationToken)
    {
        var film = LabContent.File("long.mkv", 176L << 20); // 11,264 pieces: 220 KiB of hashes, 14 parts that are asked for at once
        await using var bed = await SwarmBed.StartAsync(film, 16 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await torrent.GetInfoAsync(cancellationToken);
        await using var other = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Swarm.DisablePex = true);

        var copy = await other.Session.AddAsync(
            new TorrentSource(bed.Info.InfoHash, null, [], [new Protocol.PeerEndPoint(IPAddress.Loopback, bed.Session.ListenPort)]),
            cancellationToken
        );

        Assert.That((await copy.GetInfoAsync(cancellationToken)).Layout.PieceCount, Is.EqualTo(bed.Info.Layout.PieceCount));
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
