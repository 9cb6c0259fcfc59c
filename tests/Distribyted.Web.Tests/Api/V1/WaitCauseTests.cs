using System.Text.Json;
using System.Text.RegularExpressions;
using Distribyted.BitTorrent;
using Distribyted.Testing;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>Why a reader waits: each cause is staged with real peers, said by GET /api/v1/readers, and kept in GET /api/v1/stalls over a restart.</summary>
[CancelAfter(120_000)]
internal sealed class WaitCauseTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        _folder = new TempFolder();
    }

    [TearDown]
    public void RemoveFolder()
    {
        _folder.Dispose();
    }

    [Test]
    public async Task No_peer_has_the_piece(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("rare", 5).With(PeerHabit.Honest, 201, static piece => piece > 0);

        await AssertCauseAsync([swarm], "noSeedHasPiece", @"^The one connected peer does not have piece 0\.$", cancellationToken);
    }

    [Test]
    public async Task All_peers_choke(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("choked", 5).With(PeerHabit.NeverUnchokes, 202).With(PeerHabit.NeverUnchokes, 203);

        await AssertCauseAsync(
            [swarm],
            "allChoke",
            @"^The 2 peers that have piece 0 all choke us: they give to others first\.$",
            cancellationToken
        );
    }

    [Test]
    public async Task The_only_peer_is_slow(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("slow", 20).With(PeerHabit.SlowRate, 204, bytesPerSecond: 20_000);

        await AssertCauseAsync([swarm], "oneSlowPeer", @"^Only one peer has piece \d+, and it sends \d+ kB/s\.$", cancellationToken);
    }

    [Test]
    public async Task The_only_peer_is_silent(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("silent", 5).With(PeerHabit.Stalls, 205);

        await AssertCauseAsync([swarm], "peersSilent", @"^One peer was asked for piece 0 and is silent\.$", cancellationToken);
    }

    [Test]
    public async Task The_tracker_knows_no_peer(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("alone", 5);

        await AssertCauseAsync([swarm], "noPeersKnown", @"^No peer is known yet; ", cancellationToken);
    }

    [Test]
    public async Task The_tracker_is_dead(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("orphaned", 5);
        await swarm.StopTrackerAsync();

        await AssertCauseAsync([swarm], "sourcesFail", @"^No peer is known: .*127\.0\.0\.1.*\.$", cancellationToken);
    }

    [Test]
    public async Task The_peer_is_gone(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("left", 5).With(PeerHabit.Honest, 206);
        await swarm.StopPeersAsync();

        await AssertCauseAsync([swarm], "peersUnreachable", @"^One peer is known, and none can be connected to\.$", cancellationToken);
    }

    [Test]
    public async Task Our_own_rate_limit_is_used_up(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("limited", 20).With(PeerHabit.Honest, 207);

        await AssertCauseAsync(
            [swarm],
            "rateLimit",
            @"^The download rate limit of 16 kB/s is used up\.$",
            cancellationToken,
            static engine => engine.Swarm.DownloadRateLimit = 16_000
        );
    }

    [Test]
    public async Task All_connections_are_taken_by_another_reader(CancellationToken cancellationToken)
    {
        await using var other = new StagedSwarm("first", 5).With(PeerHabit.NeverUnchokes, 208);
        await using var swarm = new StagedSwarm("second", 5).With(PeerHabit.Honest, 209);

        await AssertCauseAsync(
            [other, swarm],
            "connectionLimit",
            @"^As many connections are open or being made as are allowed \(torrent\.max_connections, torrent\.max_half_open\)\.$",
            cancellationToken,
            static engine => engine.Swarm.MaxConnections = 1
        );
    }

    [Test, Platform("Linux")]
    public async Task The_disk_is_full(CancellationToken cancellationToken)
    {
        // Longer than the memory that one piece may have: it needs the disk while it arrives.
        await using var swarm = new StagedSwarm("large", 2, pieceLength: 4 << 20).With(PeerHabit.Honest, 210);
        await using (await WebBed.StartAsync(cancellationToken, folder: _folder.Path))
        {
            // Makes the folder of the cache.
        }

        File.CreateSymbolicLink(Path.Combine(_folder.Path, "pieces", "slab-0000"), "/dev/full");

        await AssertCauseAsync(
            [swarm],
            "diskFull",
            @"^The disk of the piece cache is full, so that piece 0 cannot be begun\.$",
            cancellationToken,
            static engine => engine.Cache.PieceMemory = 16 << 20
        );
    }

    [Test]
    public async Task Pieces_of_another_reader_take_the_whole_cache(CancellationToken cancellationToken)
    {
        await using var other = Holder(211);
        await using var swarm = new StagedSwarm("second", 5).With(PeerHabit.Honest, 212);

        await AssertCauseAsync(
            [other, swarm],
            "cacheFull",
            @"^The piece cache has no space for piece 0, because readers need what it holds; raise torrent\.global_cache_size\.$",
            cancellationToken,
            static engine => engine.Cache.Size = 1_910_000 // one piece of a MiB, and the journal
        );
    }

    [Test]
    public async Task Pieces_of_another_reader_take_all_memory(CancellationToken cancellationToken)
    {
        await using var other = Holder(213);
        await using var swarm = new StagedSwarm("second", 5).With(PeerHabit.Honest, 214);

        await AssertCauseAsync(
            [other, swarm],
            "cacheFull",
            @"^There is no memory to begin piece 0, because pieces of other readers are on their way; raise torrent\.piece_memory\.$",
            cancellationToken,
            static engine => engine.Cache.PieceMemory = 512 << 10 // what one long piece takes while it arrives
        );
    }

    [Test]
    public async Task No_peer_has_sent_the_metadata(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("wanted", 5).With(PeerHabit.Honest, 215);

        await AssertCauseAsync(
            [swarm],
            "metadataMissing",
            @"^The metadata of the torrent has not come; the one connected peer has not sent it\.$",
            cancellationToken,
            begin: (bed, end) =>
                SendAsync(bed, "POST", "/api/routes/films/torrent", end, new StringContent($$"""{"magnet":"{{swarm.Magnet}}"}""")),
            file: "wanted"
        );
    }

    [Test]
    public async Task The_metadata_is_lost_and_no_peer_has_sent_it_again(CancellationToken cancellationToken)
    {
        await using var swarm = new StagedSwarm("lost", 5).With(PeerHabit.Honest, 216);
        await using (var bed = await WebBed.StartAsync(cancellationToken, folder: _folder.Path))
        {
            await bed.PostTorrentAsync("films", swarm.TorrentWithoutTracker.Write(), cancellationToken);
        }

        foreach (var kept in Directory.GetFiles(_folder.Path, "*.torrent", SearchOption.AllDirectories))
        {
            File.Delete(kept);
        }

        await AssertCauseAsync(
            [swarm],
            "metadataMissing",
            @"^The metadata of the torrent has not come; ",
            cancellationToken,
            begin: async (bed, end) =>
            {
                while (!end.IsCancellationRequested)
                {
                    await SendAsync(bed, "GET", swarm.Address, end); // waits for 5 s
                }
            },
            client: ""
        );
    }

    // A long piece that comes slowly: its space is not given to others while a reader waits for it and its peer sends.
    private static StagedSwarm Holder(byte address)
    {
        return new StagedSwarm("holder", 2, pieceLength: 1 << 20) { IsReady = static record => record.Requests.Count > 0 }.With(
            PeerHabit.SlowRate,
            address,
            bytesPerSecond: 12_000
        );
    }

    // The swarms before the last one are read first, each until its peer is connected; the last one's reader has to wait.
    private async Task AssertCauseAsync(
        IReadOnlyList<StagedSwarm> swarms,
        string cause,
        string text,
        CancellationToken cancellationToken,
        Action<BitTorrentOptions>? engine = null,
        Func<WebBed, CancellationToken, Task>? begin = null,
        string file = "film.mkv",
        string client = "127.0.0.1 player/1"
    )
    {
        var hash = swarms[^1].Torrent.Info.InfoHash.ToString();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using (var bed = await WebBed.StartAsync(cancellationToken, engine: engine, folder: _folder.Path))
        {
            List<Task> reads = [];
            foreach (var swarm in swarms)
            {
                if (begin is not null)
                {
                    reads.Add(begin(bed, end.Token));
                    continue;
                }

                await bed.PostTorrentAsync("films", swarm.Torrent.Write(), cancellationToken);
                reads.Add(SendAsync(bed, "GET", swarm.Address, end.Token));
                if (swarm != swarms[^1])
                {
                    await swarm.Peers[0].Record.WaitForAsync(swarm.IsReady, cancellationToken);
                }
            }

            // While the peers connect, another sentence may be true: with one of two connected, the one peer chokes.
            await FindAsync(bed, "/api/v1/readers", hash, IsIt, cancellationToken);

            // What is noted after a second may still be another cause; it is noted anew after ten.
            await FindAsync(bed, "/api/v1/stalls", hash, IsIt, cancellationToken);
            await end.CancelAsync();
            await Task.WhenAll(reads);
        }

        await using var again = await WebBed.StartAsync(cancellationToken, folder: _folder.Path);
        var stalls = (await again.GetAsync("/api/v1/stalls", cancellationToken)).GetProperty("items").EnumerateArray();
        var stall = stalls.First(item => item.GetProperty("hash").GetString() == hash && IsIt(item));
        Assert.That(stall.GetProperty("file").GetString(), Is.EqualTo(file));
        Assert.That(stall.GetProperty("client").GetString(), Is.EqualTo(client));
        Assert.That(stall.GetProperty("seconds").GetDouble(), Is.GreaterThanOrEqualTo(1));

        bool IsIt(JsonElement item)
        {
            return WaitOf(item) is { } wait && wait.Cause == cause && Regex.IsMatch(wait.Text, text);
        }
    }

    private static async Task<JsonElement> FindAsync(
        WebBed bed,
        string address,
        string hash,
        Func<JsonElement, bool> isIt,
        CancellationToken cancellationToken
    )
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var answer = await Poll.UntilAsync(
                () => bed.GetAsync(address, cancellationToken),
                found => Find(found) is not null,
                cancellationToken
            );
            return Find(answer)!.Value;
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{address} never said it, but: {string.Join(" | ", seen)}");
            throw;
        }

        JsonElement? Find(JsonElement answer)
        {
            foreach (var item in answer.GetProperty("items").EnumerateArray())
            {
                if (item.GetProperty("hash").GetString() == hash)
                {
                    seen.Add(WaitOf(item)?.ToString() ?? item.GetRawText());
                    if (isIt(item))
                    {
                        return item;
                    }
                }
            }

            return null;
        }
    }

    // The wait of a reader, or a stall of the recorder; null: the reader does not wait.
    private static (string Cause, string Text)? WaitOf(JsonElement item)
    {
        var wait = item.TryGetProperty("wait", out var found) ? found : item;
        return wait.ValueKind == JsonValueKind.Object
            ? (wait.GetProperty("cause").GetString()!, wait.GetProperty("text").GetString()!)
            : null;
    }

    private static async Task SendAsync(
        WebBed bed,
        string method,
        string address,
        CancellationToken cancellationToken,
        HttpContent? content = null
    )
    {
        try
        {
            await bed.SendAsync(method, address, cancellationToken, content, ("User-Agent", "player/1"));
        }
        catch (OperationCanceledException)
        {
            // The player was closed.
        }
    }
}
