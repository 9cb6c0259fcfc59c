using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>The only seeder, or the line to it, goes away for a while: who plays a film goes on soon after it is back.</summary>
/// <remarks>
/// All times are those of a clock that runs ten times as fast. The bounds are wide for the sake of busy machines: before peers were dialled again by
/// demand it took a minute and more.
/// </remarks>
[TestFixture, CancelAfter(60_000)]
internal sealed class BlinkTests
{
    private const int PieceLength = 128 * 1024;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly LabContent Film = LabContent.File("film.mkv", 60_000_000);

    [TestCase(7)]
    [TestCase(12)]
    [TestCase(30)]
    public async Task A_film_goes_on_when_its_only_seeder_is_back_after(int seconds, CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(cancellationToken);
        var seeder = bed.AddPeer(PeerHabit.Honest);
        await using var film = await PlayAsync(bed, cancellationToken);

        await bed.StopPeerAsync(seeder);
        await LastsAsync(bed, seconds, cancellationToken);
        bed.StartPeerAgain(seeder);

        Assert.That(await film.WaitForMoreAsync(1.MiB(), cancellationToken), Is.LessThan(Soon));
    }

    [Test]
    public async Task A_magnet_is_resolved_when_its_seeder_comes_late(CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(cancellationToken);
        var seeder = bed.AddPeer(PeerHabit.Honest);
        await bed.StopPeerAsync(seeder);
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await LastsAsync(bed, 7, cancellationToken);

        bed.StartPeerAgain(seeder);

        await torrent.GetInfoAsync(cancellationToken).WaitAsync(Soon, bed.Time, cancellationToken);
    }

    [Test]
    public async Task A_film_goes_on_by_a_second_connection_when_the_first_is_silent(CancellationToken cancellationToken)
    {
        await using var swarm = await LabSwarm.StartAsync(
            new LabSwarmOptions
            {
                Content = Film,
                PieceLength = PieceLength,
                Seeders = 1,
                FirstAddress = 120,
                Link = new LinkOptions(),
            },
            cancellationToken
        );
        await using var bed = await StartAsync(cancellationToken);
        bed.Tracker.AddPeer(bed.Info.InfoHash, new PeerEndPoint(swarm.Lines[0].EndPoint));
        Assert.That(bed.Info.InfoHash, Is.EqualTo(swarm.Torrent.Info.InfoHash));
        await using var film = await PlayAsync(bed, cancellationToken);
        var before = swarm.Lines[0].Accepted;

        swarm.Lines[0].ForgetFlows();

        Assert.That(await film.WaitForMoreAsync(3.MiB(), cancellationToken), Is.LessThan(Soon));
        Assert.That(swarm.Lines[0].Accepted, Is.GreaterThan(before));
        Assert.That(bed.Session.Services.Connections.Taken, Is.EqualTo(1), "the silent one is closed");
    }

    [Test]
    public async Task A_peer_that_dialled_us_is_dialled_when_it_went_away(CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(cancellationToken);
        var seeder = bed.AddPeer(PeerHabit.Honest, o => o with { NamesPorts = [0] }, isNamed: false);
        await bed.AddMagnetAsync(cancellationToken);
        await seeder.DialAsync(new IPEndPoint(IPAddress.Loopback, bed.Session.ListenPort), cancellationToken);
        await using var film = await PlayAsync(bed, cancellationToken);

        await bed.StopPeerAsync(seeder);
        bed.StartPeerAgain(seeder);

        Assert.That(await film.WaitForMoreAsync(3.MiB(), cancellationToken), Is.LessThan(Soon));
    }

    [Test]
    public async Task A_peer_that_names_two_ports_does_not_keep_another_from_being_dialled_at_the_first(CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(cancellationToken);
        var seeder = bed.AddPeer(PeerHabit.Honest);
        await bed.StopPeerAsync(seeder);
        await bed.AddMagnetAsync(cancellationToken);
        await bed.Tracker.WaitForAsync(a => a.Count > 0, cancellationToken);
        var other = bed.AddPeer(
            PeerHabit.Honest,
            o => o with { NamesPorts = [seeder.EndPoint.Port, 0], Address = seeder.EndPoint.Address, Has = static piece => piece < 10 },
            isNamed: false
        );
        await other.DialAsync(new IPEndPoint(IPAddress.Loopback, bed.Session.ListenPort), cancellationToken);
        await bed.WaitForAsync(() => bed.Session.Services.Connections.Taken == 1, cancellationToken);

        bed.StartPeerAgain(seeder);

        await using var film = await PlayAsync(bed, cancellationToken);
        Assert.That(await film.WaitForMoreAsync(1.MiB(), cancellationToken), Is.LessThan(Soon));
    }

    [Test]
    public async Task Trackers_are_asked_again_while_the_only_peer_lacks_the_piece_that_is_read(CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(cancellationToken);
        bed.Tracker.MinInterval = 1;
        bed.AddPeer(PeerHabit.Honest, o => o with { Has = static piece => piece < 10 });
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, PieceLength, cancellationToken);
        var before = bed.Tracker.Announces.Count;

        await using var reader = await torrent.OpenReaderAsync(0, Film.Length, 20 * PieceLength, null, "test", cancellationToken);
        var reading = reader.ReadAsync(new byte[100], 20 * PieceLength, cancellationToken).AsTask();
        bed.AddPeer(PeerHabit.Honest); // only the tracker can tell of it, and it may be asked once a minute

        await reading;
        Assert.That(bed.Tracker.Announces, Has.Count.EqualTo(before + 1));
    }

    private static Task<SwarmBed> StartAsync(CancellationToken cancellationToken)
    {
        return SwarmBed.StartAsync(Film, PieceLength, cancellationToken, static o => o.Swarm.ReadAhead = 512.KiB(), new FastClock(10));
    }

    /// <summary>For how long the world is away: this is what the test is about, and nothing tells when it is over.</summary>
    private static Task LastsAsync(SwarmBed bed, int seconds, CancellationToken cancellationToken)
    {
        return Task.Delay(TimeSpan.FromSeconds(seconds), bed.Time, cancellationToken);
    }

    private static async Task<PlayedFilm> PlayAsync(SwarmBed bed, CancellationToken cancellationToken)
    {
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        var film = await PlayedFilm.StartAsync(torrent, Film, bed.Time, cancellationToken);
        await film.WaitForMoreAsync(1.MiB(), cancellationToken);
        return film;
    }
}
