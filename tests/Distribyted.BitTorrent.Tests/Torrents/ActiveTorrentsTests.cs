using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>Handshakes of unknown peers do not activate a whole library of idle torrents.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class ActiveTorrentsTests
{
    private const int MostInASecond = 10;
    private const int Most = 200;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(65); // a minute without a request, and some beats

    private readonly List<RawPeer> _peers = [];

    [TearDown]
    public void Close()
    {
        _peers.ForEach(static p => p.Dispose());
        _peers.Clear();
    }

    [Test]
    public async Task Peers_activate_ten_torrents_in_a_second(CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(cancellationToken);
        var torrents = await AddIdleWithPiecesAsync(bed, MostInASecond + 1, cancellationToken);

        await DialAsync(bed, torrents[..MostInASecond], cancellationToken);

        await AssertRejectedAsync(bed, torrents[^1], cancellationToken);
        await bed.PassAsync(Second, cancellationToken);
        await DialAsync(bed, torrents[^1..], cancellationToken);
    }

    [Test]
    public async Task Peers_keep_two_hundred_torrents_active(CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(cancellationToken);
        var torrents = await AddIdleWithPiecesAsync(bed, Most + 1, cancellationToken);

        foreach (var some in torrents[..Most].Chunk(MostInASecond))
        {
            await DialAsync(bed, some, cancellationToken);
            await bed.PassAsync(Second, cancellationToken);
        }

        await AssertRejectedAsync(bed, torrents[^1], cancellationToken);
        await bed.PassAsync(IdleAfter, cancellationToken);
        await bed.WaitForAsync(() => !bed.Session.Torrents.Active.All.Any(), cancellationToken);
        await DialAsync(bed, torrents[^1..], cancellationToken);
    }

    private static Task<SwarmBed> StartAsync(CancellationToken cancellationToken)
    {
        return SwarmBed.StartAsync(LabContent.File("film.mkv", 1000), 16.KiB(), cancellationToken, time: new FakeTimeProvider());
    }

    /// <summary>Adds torrents of one stored piece each, without readers.</summary>
    private static async Task<InfoHash[]> AddIdleWithPiecesAsync(SwarmBed bed, int count, CancellationToken cancellationToken)
    {
        var contents = Enumerable.Range(0, count).Select(static seed => new TestContent(1000, 16.KiB(), seed)).ToList();
        foreach (var content in contents)
        {
            using var pieces = bed.Session.Torrents.Store.Attach(content.Info, new NoEvents());
            Assert.That(content.Fill(pieces.TryOpen(0, urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified));
            await bed.WaitForAsync(() => pieces.IsStored(0), cancellationToken);
        }

        foreach (var info in contents.Select(static c => c.Info))
        {
            var source = new TorrentSource(info.InfoHash, null, [], [], new MetainfoFile(info, [], [], null, null));
            var torrent = await bed.Session.AddAsync(source, cancellationToken);
            Assert.That(torrent.GetStatistics().State, Is.EqualTo(TorrentState.Idle));
        }

        return [.. contents.Select(static c => c.Info.InfoHash)];
    }

    /// <summary>Connects a peer to each of these torrents; all of them answer its handshake.</summary>
    private async Task DialAsync(SwarmBed bed, InfoHash[] torrents, CancellationToken cancellationToken)
    {
        foreach (var torrent in torrents)
        {
            _peers.Add(await RawPeer.DialAsync(bed.Session.ListenPort, torrent, cancellationToken));
        }
    }

    private static async Task AssertRejectedAsync(SwarmBed bed, InfoHash torrent, CancellationToken cancellationToken)
    {
        var dialling = RawPeer.DialAsync(bed.Session.ListenPort, torrent, cancellationToken);

        await ((Task)dialling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Assert.That(dialling.Exception?.InnerException, Is.InstanceOf<IOException>().Or.InstanceOf<SocketException>(), "no handshake");
        Assert.That(bed.Session.Find(torrent)!.GetStatistics().State, Is.EqualTo(TorrentState.Idle));
    }

    private sealed class NoEvents : IPieceEvents
    {
        public void PieceStored(int piece) { }

        public void PieceGone(int piece) { }

        public void SpaceFreed() { }

        public void SpaceWanted(bool isOverdue) { }
    }
}
