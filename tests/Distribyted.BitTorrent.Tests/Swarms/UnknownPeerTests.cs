using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.BitTorrent.Transport;
using Distribyted.Lab;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>What an unknown peer can make us do.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class UnknownPeerTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 3L << 20);

    [Test]
    public async Task Silent_connections_of_one_host_do_not_close_the_port_to_others(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken);
        var target = new IPEndPoint(IPAddress.Loopback, bed.Session.ListenPort);
        var torrent = await bed.Session.AddAsync(new TorrentSource(bed.Info.InfoHash, Film.Name, [], []), cancellationToken);
        List<Socket> silent = [];
        try
        {
            for (var i = 0; i < 150; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                silent.Add(socket);
                await socket.ConnectAsync(target, cancellationToken);
            }

            var seeder = bed.AddPeer(PeerHabit.Honest);
            await seeder.DialAsync(target, cancellationToken);

            await bed.GetInfoAsync(torrent, cancellationToken);
        }
        finally
        {
            silent.ForEach(static s => s.Dispose());
        }
    }

    [Test]
    public async Task A_peer_that_wakes_a_sleeping_torrent_is_served_and_nothing_else_is_done(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256 * 1024,
            cancellationToken,
            o => o.HibernateAfter = TimeSpan.FromMilliseconds(100),
            time: new FastClock(5)
        );
        var seeder = bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 1 << 20, cancellationToken);
        await bed.WaitForAsync(() => torrent.GetStatistics().State == TorrentState.Idle, cancellationToken);
        await seeder.Record.WaitForAsync(static r => r.Open == 0, cancellationToken);
        var connections = seeder.Record.Connections;
        await using var other = await SwarmBed.StartAsync(Film, 256 * 1024, cancellationToken, o => o.Swarm.DisablePex = true);

        var copy = await other.AddFromAsync(bed, cancellationToken);
        await other.ReadAndCompareAsync(copy, 0, 1 << 20, cancellationToken);

        Assert.That(torrent.GetStatistics().State, Is.EqualTo(TorrentState.Active));
        Assert.That(seeder.Record.Connections, Is.EqualTo(connections), "no peer was dialled");

        await bed.ReadAndCompareAsync(torrent, 2 << 20, 1 << 20, cancellationToken);
        Assert.That(seeder.Record.Connections, Is.GreaterThan(connections), "a reader makes it look for peers");
    }

    [TestCase(false, 61, true)]
    [TestCase(false, 59, false)]
    [TestCase(true, 61, false)]
    [TestCase(true, 601, true)]
    public async Task What_a_peer_woke_rests_after_a_minute(bool looksForPeers, int seconds, bool rests)
    {
        var time = new FakeTimeProvider();
        var options = new BitTorrentOptions();
        using var services = new SwarmServices(
            options.Swarm,
            options.Transport,
            options.Cache,
            new MonotonicClock(time),
            NullLogger.Instance,
            new AddressGuard(options.Transport, [])
        );
        var torrent = TestTorrent.Of(new TorrentSource(InfoHash.Compute([]), null, [], []), hasMetadata: true);
        await using var swarm = new Swarm(torrent, services);
        if (looksForPeers)
        {
            swarm.TryStartLooking();
        }

        time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.That(swarm.Status.IsIdle(services.Clock.Now, 600 * MonotonicClock.Second), Is.EqualTo(rests));
    }
}
