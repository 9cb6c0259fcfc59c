using System.Text.Json;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Storage;
using Distribyted.Routes.Model;
using Distribyted.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>What the API says is compared with what the other side counted: the peers of the test, and the files of the cache.</summary>
[CancelAfter(120_000)]
internal sealed class TrueNumbersTests
{
    private const int Pieces = 160;
    private const int BlockLength = 16 << 10;

    [Test]
    public async Task Bytes_are_those_that_the_peers_sent_and_got(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("numbers", Pieces)
            .With(PeerHabit.Honest, 211)
            .With(PeerHabit.Honest, 212)
            .With(PeerHabit.Honest, 213);
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.PostTorrentAsync("films", swarm.Torrent.Write(), cancellationToken);
        await using var other = await WebBed.StartAsync(cancellationToken);
        var port = bed.Services.GetRequiredService<TorrentSession>().ListenPort;

        await bed.SendAsync("GET", swarm.Address, cancellationToken);
        await other.PostTorrentAsync("films", swarm.TorrentWithoutTracker.Write(), cancellationToken);
        await other.Library.AddAsync(
            "films",
            new Addition($"magnet:?xt=urn:btih:{swarm.Torrent.Info.InfoHash}&x.pe=127.0.0.1:{port}", ReadOnlyMemory<byte>.Empty, "api"),
            cancellationToken
        );
        await other.SendAsync("GET", swarm.Address, cancellationToken);

        var sent = swarm.Peers.Sum(static peer => (long)peer.Record.BlocksSent) * BlockLength;
        var numbers = await bed.GetAsync("/api/v1/statistics", cancellationToken);
        var others = await other.GetAsync("/api/v1/statistics", cancellationToken);
        var torrent = await bed.GetAsync($"/api/v1/torrents/{swarm.Torrent.Info.InfoHash}", cancellationToken);
        Assert.That(sent, Is.GreaterThanOrEqualTo(swarm.Content.Length));
        AssertSame(Number(numbers, "downloadedBytes"), sent);
        AssertSame(Number(numbers, "verifiedBytes"), swarm.Content.Length);
        AssertSame(Number(torrent, "downloadedBytes"), sent);
        AssertSame(Number(numbers, "uploadedBytes"), Number(others, "downloadedBytes"));
        AssertSame(Number(others, "downloadedBytes"), swarm.Content.Length);
        AssertSame(Number(numbers, "cacheBytes"), swarm.Content.Length);
        Assert.That(Number(numbers, "cachePieces"), Is.EqualTo(Pieces));
    }

    // Read here and there in a cache that is too small for all of it: what was evicted is absent.
    [Test]
    public async Task The_map_of_pieces_is_what_the_cache_has(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var swarm = new StagedSwarm("pieces", Pieces).With(PeerHabit.Honest, 214);
        var cache = new BitTorrentOptions { MetadataFolder = folder.Path };
        List<string> map;
        await using (var bed = await WebBed.StartAsync(cancellationToken, engine: e => Small(e), folder: folder.Path))
        {
            await bed.PostTorrentAsync("films", swarm.Torrent.Write(), cancellationToken);
            foreach (var (first, last) in new[] { (0, 9), (100, 139), (50, 69) })
            {
                var range = $"bytes={first * StagedSwarm.PieceLength}-{((last + 1) * StagedSwarm.PieceLength) - 1}";
                var (status, _) = await bed.SendAsync("GET", swarm.Address, cancellationToken, headers: ("Range", range));
                Assert.That(status, Is.EqualTo(206));
            }

            // What is verified is written in the background.
            var answer = await Poll.UntilAsync(
                () => bed.GetAsync($"/api/v1/torrents/{swarm.Torrent.Info.InfoHash}/pieces", cancellationToken),
                static answer => !answer.GetRawText().Contains("inMemory", StringComparison.Ordinal),
                cancellationToken
            );
            map = Expand(answer);
            var torrent = await bed.GetAsync($"/api/v1/torrents/{swarm.Torrent.Info.InfoHash}", cancellationToken);
            Assert.That(
                map.Count(static state => state == "have") * (long)StagedSwarm.PieceLength,
                Is.EqualTo(Number(torrent, "storedBytes")),
                torrent.GetRawText()
            );
        }

        Small(cache);
        await using var store = await PieceStorage.OpenCacheAsync(
            cache.Cache with
            {
                Folder = cache.CacheFolder,
            },
            TimeProvider.System,
            NullLogger.Instance,
            cancellationToken
        );
        var truth = new byte[(Pieces + 7) / 8];
        store.CopyStored(swarm.Torrent.Info, truth);
        var have = Enumerable.Range(0, Pieces).Where(piece => (truth[piece >> 3] & (0x80 >> (piece & 7))) != 0).ToArray();
        Assert.That(map.Index().Where(static m => m.Item == "have").Select(static m => m.Index), Is.EqualTo(have));
        Assert.That(have, Has.Length.InRange(20, Pieces - 20));
    }

    private static void Small(BitTorrentOptions options)
    {
        options.Cache.Size = 64L * StagedSwarm.PieceLength;
        options.Swarm.ReadAhead = 4L * StagedSwarm.PieceLength;
    }

    private static List<string> Expand(JsonElement map)
    {
        Assert.That(map.GetProperty("pieceCount").GetInt32(), Is.EqualTo(Pieces));
        List<string> states = [];
        foreach (var run in map.GetProperty("runs").EnumerateArray())
        {
            states.AddRange(Enumerable.Repeat(run.GetProperty("state").GetString()!, run.GetProperty("count").GetInt32()));
        }

        Assert.That(states, Has.Count.EqualTo(Pieces));
        return states;
    }

    private static void AssertSame(long said, long counted)
    {
        Assert.That((double)said, Is.EqualTo((double)counted).Within(2).Percent);
    }

    private static long Number(JsonElement of, string name)
    {
        return of.GetProperty(name).GetInt64();
    }
}
