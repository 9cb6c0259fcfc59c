using System.Net;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>What peers that lie, stall, talk garbage or hang up cost us, and what they cost themselves.</summary>
internal sealed class FaultyPeerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5); // 0.1 s on a quiet machine; who waits for a stalled peer waits 20 s
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);

    [Test, CancelAfter(60_000)]
    public async Task A_liar_is_banned_after_at_most_two_failed_pieces(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var honest = bed.AddPeer(PeerHabit.Honest);
        var liar = bed.AddPeer(PeerHabit.WrongBytes);
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await liar.Record.WaitForAsync(r => r.Count(PeerMessageKind.Interested) > 0, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        Assert.That(liar.Record.BlocksSent, Is.GreaterThan(0));
        Assert.That(liar.Record.Requests.Select(static r => r.Piece).Distinct().Count(), Is.LessThanOrEqualTo(2));
        Assert.That(bed.Session.Services.Peers.Bans.IsBanned(liar.EndPoint, bed.Info.InfoHash));
        Assert.That(liar.Record, Has.Property("Connections").EqualTo(1).And.Property("Open").Zero);
        Assert.That(honest.Record, Has.Property("Connections").EqualTo(1).And.Property("Open").EqualTo(1), "who told the truth stays");
    }

    [Test, CancelAfter(60_000)]
    public async Task A_peer_that_stalls_is_worked_around(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var stalling = bed.AddPeer(PeerHabit.Stalls, o => o with { After = 3 });
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await stalling.Record.WaitForAsync(r => r.Count(PeerMessageKind.Interested) > 0, cancellationToken);
        var started = TimeProvider.System.GetTimestamp();

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        var missing = stalling.Record.Requests.Count - stalling.Record.BlocksSent;
        Assert.That(missing, Is.GreaterThan(0), "it was asked for blocks that it never sent");
        Assert.That(TimeProvider.System.GetElapsedTime(started), Is.LessThan(Soon), $"{missing} blocks did not come");
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
        await bed.GetInfoAsync(torrent, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        Assert.That(faulty.Record.Connections, Is.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_block_is_not_lost_when_garbage_follows_it(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var faulty = bed.AddPeer(PeerHabit.GarbageBehindBlock);
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        var reading = bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);
        await faulty.Record.WaitForAsync(r => r is { BlocksSent: > 0, Open: 0 }, cancellationToken);

        await bed.AddPeer(PeerHabit.Honest).DialAsync(new IPEndPoint(IPAddress.Loopback, bed.Session.ListenPort), cancellationToken);

        await reading;
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
        var torrent = await bed.AddSeededAsync(cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }
}
