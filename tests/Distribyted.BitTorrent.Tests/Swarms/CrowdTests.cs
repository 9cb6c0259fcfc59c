using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Who is first when connections and dials are scarce.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class CrowdTests
{
    private const int PieceLength = 256 * 1024;
    private static readonly LabContent Film = LabContent.File("film.mkv", 8L << 20);

    [Test]
    public async Task A_reader_gets_peers_although_torrents_without_readers_have_all_connections(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, PieceLength, cancellationToken, o => o.Swarm.MaxConnections = 8);
        for (var i = 0; i < 2; i++)
        {
            // Never whole: two seeds would part.
            var content = LabContent.File($"scanned-{i}.mkv", 4L << 20);
            var info = SwarmBed.InfoOf(content, PieceLength);
            var peers = Enumerable.Range(0, 4).Select(_ => bed.AddPeer(PeerHabit.Honest, o => Of(o, content, info))).ToList();
            var scanned = await bed.AddMagnetAsync(info, cancellationToken);
            await scanned.GetInfoAsync(cancellationToken);
            await using var reader = await scanned.OpenReaderAsync(0, content.Length, 0, 16, "scan", cancellationToken);
            await reader.ReadAsync(new byte[16], 0, cancellationToken);
            foreach (var peer in peers)
            {
                await peer.Record.WaitForAsync(static r => r.Open > 0, cancellationToken);
            }
        }

        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddFileAsync(bed.Tracker.HttpUrl, cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        Assert.That(bed.Session.Statistics.Connections, Is.LessThanOrEqualTo(8));
    }

    [Test]
    public async Task A_crowd_without_metadata_does_not_keep_a_magnet_pending(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, PieceLength, cancellationToken, o => o.Swarm.MaxConnectionsPerTorrent = 6);
        var crowd = Enumerable.Range(0, 12).Select(_ => bed.AddPeer(PeerHabit.Honest, o => o with { Metadata = default })).ToList();
        var torrent = await bed.AddMagnetAsync(cancellationToken);
        await bed.WaitForAsync(() => crowd.Sum(static p => p.Record.Open) >= 6, cancellationToken);

        var seeder = bed.AddPeer(PeerHabit.Honest);
        await bed.Session.AddAsync(new TorrentSource(bed.Info.InfoHash, null, [], [seeder.EndPoint]), cancellationToken);

        await bed.GetInfoAsync(torrent, cancellationToken);
    }

    [Test]
    public async Task A_crowd_without_pieces_does_not_keep_the_bytes_away(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, PieceLength, cancellationToken, o => o.Swarm.MaxConnectionsPerTorrent = 6);
        var crowd = Enumerable.Range(0, 12).Select(_ => bed.AddPeer(PeerHabit.Honest, o => o with { Has = static _ => false })).ToList();
        var torrent = await bed.AddMagnetWithInfoAsync(cancellationToken);
        await bed.WaitForAsync(() => crowd.Sum(static p => p.Record.Open) >= 6, cancellationToken);

        var seeder = bed.AddPeer(PeerHabit.Honest);
        await bed.Session.AddAsync(new TorrentSource(bed.Info.InfoHash, null, [], [seeder.EndPoint]), cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(30_000)]
    public async Task Magnets_whose_peers_are_silent_do_not_delay_a_reader(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, PieceLength, cancellationToken, o => o.Swarm.MaxHalfOpen = 8);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await bed.AddFileAsync(bed.Tracker.HttpUrl, cancellationToken);
        List<TcpListener> silent = [];
        try
        {
            for (var magnet = 0; magnet < 12; magnet++)
            {
                List<PeerEndPoint> peers = [];
                for (var i = 0; i < 8; i++)
                {
                    var listener = new TcpListener(IPAddress.Loopback, 0);
                    listener.Start(); // connections are accepted by the system, and no program answers
                    silent.Add(listener);
                    peers.Add(new PeerEndPoint((IPEndPoint)listener.LocalEndpoint));
                }

                await bed.Session.AddAsync(
                    new TorrentSource(InfoHash.Compute([(byte)magnet]), $"magnet {magnet}", [], peers),
                    cancellationToken
                );
            }

            // 96 dials of ten seconds, eight at a time, take two minutes.
            await bed.ReadAndCompareAsync(torrent, 0, 1 << 20, cancellationToken);
        }
        finally
        {
            silent.ForEach(static l => l.Dispose());
        }
    }

    private static FaultyPeerOptions Of(FaultyPeerOptions options, LabContent content, TorrentInfo info)
    {
        return options with { InfoHash = info.InfoHash, Layout = info.Layout, Content = content.Fill, Metadata = info.Bytes };
    }
}
