using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Swarms;
using Distribyted.Lab;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>What counts as progress: for a reader, for a connection, for a piece; and what is kept up without any.</summary>
internal sealed class ProgressTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);

    [Test, CancelAfter(60_000)]
    public async Task A_read_is_not_cut_while_bytes_of_its_piece_come(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            512.KiB(),
            cancellationToken,
            o => o.Swarm.ReadTimeout = TimeSpan.FromSeconds(3),
            new FakeTimeProvider()
        );
        var seeder = AddPeerWithABlockEach(TimeSpan.FromSeconds(1), bed); // 32 s for the piece
        var torrent = await bed.AddFileAsync(cancellationToken, seeder.EndPoint);

        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task What_one_reader_gets_keeps_no_other_waiting_for_ever(CancellationToken cancellationToken)
    {
        const int missing = 40;
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o =>
            {
                o.Swarm.ReadTimeout = TimeSpan.FromSeconds(3);
                o.Swarm.ReadAhead = 0;
            },
            new FakeTimeProvider()
        );
        var seeder = AddPeerWithABlockEach(TimeSpan.FromSeconds(0.1), bed, static p => p != missing);
        var torrent = await bed.AddFileAsync(cancellationToken, seeder.EndPoint);
        var streaming = bed.ReadAndCompareAsync(torrent, 0, 10_000_000, cancellationToken); // a minute
        await using var reader = await torrent.OpenReaderAsync(0, Film.Length, missing * 256 * 1024, 1000, "test", cancellationToken);

        var error = await Assert.ThrowsAsync<TorrentException>(async () =>
            await reader.ReadAsync(new byte[1000], missing * 256 * 1024, cancellationToken)
        );

        Assert.That(error!.Failure, Is.EqualTo(TorrentFailure.ReadTimeout));
        Assert.That(streaming.IsCompleted, Is.False, "the other one goes on");
        await bed.Session.RemoveAsync(bed.Info.InfoHash, true, cancellationToken);
        Assert.That(async () => await streaming, Throws.InstanceOf<TorrentException>());
    }

    [Test, CancelAfter(60_000)]
    public async Task The_only_seeder_is_kept_although_a_block_takes_it_half_a_minute(CancellationToken cancellationToken)
    {
        var time = new FakeTimeProvider();
        await using var bed = await SwarmBed.StartAsync(Film, 32 * 1024, cancellationToken, time: time);
        var seeder = bed.AddPeer(
            PeerHabit.Honest,
            o =>
                o with
                {
                    BetweenChunks = async token =>
                    {
                        time.Advance(TimeSpan.FromSeconds(1)); // 600 bytes a second
                        await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System, token); // the heartbeat runs on another thread
                    },
                }
        );
        var torrent = await bed.AddFileAsync(cancellationToken, seeder.EndPoint);

        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);

        Assert.That(seeder.Record.Connections, Is.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task What_was_received_of_a_piece_is_there_for_who_comes_back_a_minute_later(CancellationToken cancellationToken)
    {
        const int blocks = 64;
        await using var bed = await SwarmBed.StartAsync(
            Film,
            blocks * PieceLayout.BlockLength,
            cancellationToken,
            o => o.Swarm.ReadTimeout = Timeout.InfiniteTimeSpan,
            new FakeTimeProvider()
        );
        var seeder = bed.AddPeer(PeerHabit.SlowRate, o => o with { BytesPerSecond = 1_000_000 });
        var torrent = await bed.AddFileAsync(cancellationToken, seeder.EndPoint);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = bed.ReadAndCompareAsync(torrent, 0, 1000, patience.Token);
        await seeder.Record.WaitForAsync(static r => r.BlocksSent >= blocks / 2, cancellationToken);
        await patience.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        await bed.PassAsync(TimeSpan.FromSeconds(60), cancellationToken);

        var second = bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);
        while (!second.IsCompleted)
        {
            await bed.PassAsync(TimeSpan.FromSeconds(1), cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }

        await second;
        Assert.That(seeder.Record.BlocksSent, Is.LessThan(blocks * 5 / 4), "a few were under way when the first reader left");
    }

    [Test, CancelAfter(60_000)]
    public async Task Interest_ends_when_nothing_is_wanted_for_a_minute_whatever_the_peer_asks_of_us(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, time: new FakeTimeProvider());
        var torrent = await bed.AddFileAsync(cancellationToken, bed.AddPeer(PeerHabit.Honest).EndPoint);
        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);
        using var leecher = await RawPeer.DialAsync(bed.Session.ListenPort, bed.Info.InfoHash, cancellationToken);
        await leecher.HearAsync(PeerMessageKind.Interested, cancellationToken);
        await leecher.SayAsync(static b => PeerMessageWriter.WriteInterested(b), cancellationToken);
        await leecher.HearAsync(PeerMessageKind.Unchoke, cancellationToken);

        for (var i = 0; i < 8; i++)
        {
            await bed.PassAsync(TimeSpan.FromSeconds(10), cancellationToken);
            await leecher.RequestAsync(0, 0, cancellationToken);
            while (await leecher.HearAsync(cancellationToken) is var heard && heard.Kind != PeerMessageKind.Piece)
            {
                if (heard.Kind == PeerMessageKind.NotInterested)
                {
                    Assert.That(i, Is.GreaterThanOrEqualTo(4), "not before a minute is over");
                    return;
                }
            }
        }

        Assert.Fail("still interested after 80 s");
    }

    [Test, CancelAfter(60_000)]
    public async Task Messages_are_not_held_up_by_uploads_that_wait_for_the_limit(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Swarm.UploadRateLimit = 16 * 1024);
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);
        using var leecher = await RawPeer.DialAsync(bed.Session.ListenPort, bed.Info.InfoHash, cancellationToken);
        await leecher.SayAsync(static b => PeerMessageWriter.WriteInterested(b), cancellationToken);
        await leecher.HearAsync(PeerMessageKind.Unchoke, cancellationToken);
        for (var block = 0; block < 16; block++)
        {
            await leecher.RequestAsync(0, block * PieceLayout.BlockLength, cancellationToken);
        }

        for (var i = 0; i < 3; i++)
        {
            await leecher.HearAsync(PeerMessageKind.Piece, cancellationToken); // two at once, then one in a second
        }

        await leecher.RequestAsync(40, 0, cancellationToken); // is not here: REJECT
        var blocks = 3;
        while (await leecher.HearAsync(cancellationToken) is var heard && heard.Kind != PeerMessageKind.Reject)
        {
            blocks += heard.Kind == PeerMessageKind.Piece ? 1 : 0;
        }

        Assert.That(blocks, Is.LessThan(12), "the limit lets one block through in a second");
    }

    [Test, CancelAfter(60_000)]
    public async Task What_a_lone_seed_offers_is_taken_until_it_offers_what_is_read(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, time: new FastClock(5));
        var seed = bed.AddPeer(PeerHabit.SuperSeeds, o => o with { Offers = [30, 12, 7, 41, 0, 3] });
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);

        Assert.That(seed.Record.Requests.Select(static r => r.Piece).Distinct(), Is.SubsetOf(new[] { 30, 12, 7, 41, 0, 3 }));
    }

    [Test, CancelAfter(60_000)]
    public async Task Nothing_that_is_offered_is_taken_while_what_is_read_can_be_had(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, time: new FastClock(5));
        var seed = bed.AddPeer(PeerHabit.SuperSeeds, o => o with { Offers = [30, 12] });
        bed.AddPeer(PeerHabit.SlowRate, o => o with { BytesPerSecond = 60_000, Has = static p => p == 0 }); // 4 s for the piece
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await seed.Record.WaitForAsync(static r => r.Count(PeerMessageKind.Interested) > 0, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);

        Assert.That(seed.Record.Requests, Is.Empty);
    }

    /// <summary>A peer from which a block comes in so much time of the bed's fake clock, which moves when we have received it.</summary>
    private static FaultyPeer AddPeerWithABlockEach(TimeSpan time, SwarmBed bed, Func<int, bool>? has = null)
    {
        var sent = 0L;
        return bed.AddPeer(
            PeerHabit.Honest,
            o =>
                o with
                {
                    Has = has,
                    ChunkLength = 2 * PieceLayout.BlockLength, // a block and its header
                    BetweenChunks = async token =>
                    {
                        sent += PieceLayout.BlockLength;
                        await bed.WaitForAsync(() => bed.Session.Statistics.Downloaded >= sent, token);
                        await bed.PassAsync(time, token);
                    },
                }
        );
    }
}
