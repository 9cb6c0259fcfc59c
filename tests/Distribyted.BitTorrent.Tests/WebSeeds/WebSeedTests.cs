using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.WebSeeds;

/// <summary>Reading from web servers (BEP 19), by everything that a reader uses.</summary>
internal sealed class WebSeedTests
{
    private const int PieceLength = 256 * 1024;
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);
    private static readonly byte[] FilmBytes = Film.Bytes(0, (int)Film.Length);

    [Test, CancelAfter(60_000)]
    public async Task A_web_seed_alone_is_enough_and_is_asked_for_long_ranges(CancellationToken cancellationToken)
    {
        await using var server = WebServer.Start("/film.mkv", FilmBytes);
        await using var bed = await StartAsync(cancellationToken);
        var torrent = await AddAsync(bed, server.Root, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        var blocks = Film.Length / PieceLayout.BlockLength;
        Assert.That(server.Requests, Has.Count.LessThan(blocks / 2), "blocks are joined");
        Assert.That(server.Requests.Select(static r => r.Path), Is.All.EqualTo("/film.mkv"));
        Assert.That(server.Requests.Select(static r => r.Head), Is.All.Contain("Accept-Encoding: identity"));
        Assert.That(server.Connections, Is.LessThanOrEqualTo(4), "connections are used again");
        Assert.That(torrent.GetStatistics().Seeds, Is.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task Seeks_are_served(CancellationToken cancellationToken)
    {
        await using var server = WebServer.Start("/film.mkv", FilmBytes);
        await using var bed = await StartAsync(cancellationToken);
        var torrent = await AddAsync(bed, server.Root + "film.mkv", cancellationToken);

        foreach (var offset in (int[])[0, 9_000_000, 3_000_001, 12_345_677, 6_000_000])
        {
            await bed.ReadAndCompareAsync(torrent, offset, (int)Math.Min(100_000, Film.Length - offset), cancellationToken);
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task Files_are_found_by_their_names_and_padding_is_not_asked_for(CancellationToken cancellationToken)
    {
        var (info, content) = Folder();
        await using var server = WebServer.Start();
        server.Files["/x/A%20%26%20B%23/%C3%A4%2Fone.txt"] = content[..10_000];
        server.Files["/x/A%20%26%20B%23/sub/two%3F.bin"] = content[PieceLength..];
        await using var bed = await StartAsync(cancellationToken);
        var torrent = await bed.Session.AddAsync(
            new TorrentSource(info.InfoHash, null, [], [], new MetainfoFile(info, [], [server.Root + "x"], null, null)),
            cancellationToken
        );

        var bytes = await ReadAsync(torrent, content.Length, cancellationToken);

        Assert.That(bytes.AsSpan().SequenceEqual(content));
        Assert.That(server.Requests.Select(static r => r.Path).Distinct(), Is.EquivalentTo(server.Files.Keys));
    }

    [Test, CancelAfter(60_000)]
    public async Task What_one_server_lacks_comes_from_another(CancellationToken cancellationToken)
    {
        var (info, content) = Folder();
        await using var one = WebServer.Start();
        await using var two = WebServer.Start();
        one.Files["/A%20%26%20B%23/%C3%A4%2Fone.txt"] = content[..10_000];
        two.Files["/A%20%26%20B%23/sub/two%3F.bin"] = content[PieceLength..];
        await using var bed = await StartAsync(cancellationToken);
        var torrent = await bed.Session.AddAsync(
            new TorrentSource(info.InfoHash, null, [], [], new MetainfoFile(info, [], [one.Root, two.Root], null, null)),
            cancellationToken
        );

        var bytes = await ReadAsync(torrent, content.Length, cancellationToken);

        Assert.That(bytes.AsSpan().SequenceEqual(content));
    }

    [TestCase("404", "does not give the file (HTTP 404)")]
    [TestCase("403", "does not give the file (HTTP 403)")]
    [TestCase("400", "answers HTTP 400")]
    [TestCase("whole", "sends whole files instead of ranges")]
    [TestCase("elsewhere", "answers with other bytes than were requested (Content-Range)")]
    [TestCase("unknown", "answers with other bytes than were requested (Content-Range)")]
    [TestCase("longer", "has another file there: of 12345679 bytes, not 12345678")]
    [TestCase("packed", "sends compressed content")]
    [TestCase("circle", "redirects too often, or to no usable address")]
    [TestCase("nowhere", "redirects too often, or to no usable address")]
    [TestCase("less", "answers with fewer bytes than were requested")]
    [TestCase("short", "no connection, or it broke")]
    [TestCase("hangs up", "no connection, or it broke")]
    [TestCase("noise", "no connection, or it broke")]
    [TestCase("500", "answers HTTP 500")]
    [CancelAfter(60_000)]
    public async Task A_server_that_does_it_wrong_is_given_up_and_delays_no_reader(
        string fault,
        string reason,
        CancellationToken cancellationToken
    )
    {
        await using var server = WebServer.Start("/film.mkv", FilmBytes);
        server.Answer = (request, stream, token) => FailAsync(fault, request, stream, token);
        await using var bed = await StartAsync(cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await AddAsync(bed, server.Root, cancellationToken, bed.Tracker.HttpUrl);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        await bed.WaitForAsync(() => bed.Log.All.Contains(reason, StringComparison.Ordinal), cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task Why_it_gives_nothing_is_shown_while_a_reader_waits(CancellationToken cancellationToken)
    {
        await using var server = WebServer.Start();
        await using var bed = await StartAsync(cancellationToken);
        var torrent = await AddAsync(bed, server.Root, cancellationToken);
        await using var reader = await torrent.OpenReaderAsync(0, Film.Length, 0, 100, "test", cancellationToken);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = reader.ReadAsync(new byte[100], 0, enough.Token).AsTask();

        await bed.WaitForAsync(
            () => torrent.GetStatistics().Reason == "waits for peers: web seed 127.0.0.1: does not give the file (HTTP 404)",
            cancellationToken
        );

        await enough.CancelAsync();
        Assert.That(async () => await reading, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test, CancelAfter(60_000)]
    public async Task A_server_that_sends_wrong_bytes_is_banned(CancellationToken cancellationToken)
    {
        var wrong = FilmBytes.ToArray();
        for (var i = 0; i < wrong.Length; i += 1000)
        {
            wrong[i] ^= 1;
        }

        await using var server = WebServer.Start("/film.mkv", wrong);
        await using var bed = await StartAsync(cancellationToken);
        var torrent = await AddAsync(bed, server.Root, cancellationToken);
        var reading = bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        await bed.WaitForAsync(() => bed.Log.All.Contains("is given up: sent wrong data", StringComparison.Ordinal), cancellationToken);
        var honest = bed.AddPeer(PeerHabit.Honest);
        await bed.Session.AddAsync(new TorrentSource(bed.Info.InfoHash, null, [], [honest.EndPoint]), cancellationToken);

        await reading;

        var asked = server.Requests.Select(static r => r.From!.Value / PieceLength).Distinct().Count();
        Assert.That(asked, Is.LessThanOrEqualTo(2), "a new peer serves one piece until it is verified");
    }

    [Test, CancelAfter(60_000)]
    public async Task A_redirect_is_followed_and_remembered(CancellationToken cancellationToken)
    {
        await using var mirror = WebServer.Start("/there/film.mkv?sig=1", FilmBytes);
        await using var server = WebServer.Start();
        server.Answer = async (_, stream, token) =>
        {
            await WebServer.SendAsync(stream, $"302 Found\r\nLocation: {mirror.Root}there/film.mkv", default, token);
            return true;
        };
        mirror.Files["/there/film.mkv"] = FilmBytes;
        await using var bed = await StartAsync(cancellationToken);
        var torrent = await AddAsync(bed, server.Root, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        Assert.That(server.Requests, Has.Count.LessThanOrEqualTo(4), "each of the first requests may ask");
        Assert.That(mirror.Requests, Has.Count.GreaterThan(server.Requests.Count));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_server_without_ranges_is_good_for_a_small_file(CancellationToken cancellationToken)
    {
        var text = LabContent.File("text.txt", 100_000);
        await using var server = WebServer.Start();
        server.Answer = async (_, stream, token) =>
        {
            await WebServer.SendAsync(stream, "200 OK", text.Bytes(0, (int)text.Length), token);
            return true;
        };
        await using var bed = await StartAsync(cancellationToken, content: text);
        var torrent = await AddAsync(bed, server.Root, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)text.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_busy_server_is_asked_again_after_the_time_that_it_named(CancellationToken cancellationToken)
    {
        var refused = 0;
        await using var server = WebServer.Start("/film.mkv", FilmBytes);
        server.Answer = async (_, stream, token) =>
        {
            if (Interlocked.Increment(ref refused) > 1)
            {
                return false;
            }

            await WebServer.SendAsync(stream, "503 Service Unavailable\r\nRetry-After: 1", default, token);
            return true;
        };
        await using var bed = await StartAsync(cancellationToken);
        var torrent = await AddAsync(bed, server.Root, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);

        Assert.That(bed.Log.All, Does.Contain("answers HTTP 503"));
    }

    [Test, CancelAfter(60_000)]
    public async Task Peers_go_on_where_a_server_stopped(CancellationToken cancellationToken)
    {
        var server = WebServer.Start("/film.mkv", FilmBytes);
        await using var bed = await StartAsync(cancellationToken);
        var torrent = await AddAsync(bed, server.Root, cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);

        await server.DisposeAsync();
        var peer = bed.AddPeer(PeerHabit.Honest);
        await bed.Session.AddAsync(new TorrentSource(bed.Info.InfoHash, null, [], [peer.EndPoint]), cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_server_that_was_restarted_goes_on_alone(CancellationToken cancellationToken)
    {
        var server = WebServer.Start("/film.mkv", FilmBytes);
        await using var bed = await StartAsync(cancellationToken);
        var torrent = await AddAsync(bed, server.Root, cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);
        var port = server.Port;

        await server.DisposeAsync();
        await using var again = WebServer.Start(port);
        again.Files["/film.mkv"] = FilmBytes;

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_body_that_never_ends_is_given_up(CancellationToken cancellationToken)
    {
        await using var server = WebServer.Start("/film.mkv", FilmBytes);
        server.Answer = async (request, stream, token) =>
        {
            await stream.WriteAsync(
                System.Text.Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {request.From}-{request.To}/{FilmBytes.Length}\r\n\r\n"
                ),
                token
            );
            using var drip = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (await drip.WaitForNextTickAsync(token))
            {
                await stream.WriteAsync(new byte[1], token);
            }

            return true;
        };
        await using var bed = await StartAsync(cancellationToken, time: new FastClock(5));
        var torrent = await AddAsync(bed, server.Root, cancellationToken);
        await using var reader = await torrent.OpenReaderAsync(0, Film.Length, 0, 100, "test", cancellationToken);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = reader.ReadAsync(new byte[100], 0, enough.Token).AsTask();

        await bed.WaitForAsync(
            () => bed.Log.All.Contains("sends too little: no block within 15 s", StringComparison.Ordinal),
            cancellationToken
        );

        await enough.CancelAsync();
        Assert.That(async () => await reading, Throws.Exception);
    }

    [Test, CancelAfter(60_000)]
    public async Task Addresses_of_a_private_network_are_not_asked_unless_allowed(CancellationToken cancellationToken)
    {
        await using var server = WebServer.Start("/film.mkv", FilmBytes);
        await using var bed = await StartAsync(cancellationToken, set: static o => o.Transport.OutgoingAllow = []);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await AddAsync(bed, server.Root, cancellationToken, bed.Tracker.HttpUrl);

        await bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);

        await bed.WaitForAsync(() => bed.Log.All.Contains("security.outgoing_allow", StringComparison.Ordinal), cancellationToken);
        Assert.That(server.Connections, Is.Zero);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_query_is_not_sent_into_a_private_network(CancellationToken cancellationToken)
    {
        await using var server = WebServer.Start("/film.mkv?delete=all", FilmBytes);
        await using var bed = await StartAsync(cancellationToken);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await AddAsync(bed, server.Root + "film.mkv?delete=all", cancellationToken, bed.Tracker.HttpUrl);

        await bed.ReadAndCompareAsync(torrent, 0, 1_000_000, cancellationToken);

        await bed.WaitForAsync(
            () => bed.Log.All.Contains("a request with a query is not sent into a private network", StringComparison.Ordinal),
            cancellationToken
        );
        Assert.That(server.Connections, Is.Zero);
    }

    [Test, CancelAfter(60_000)]
    public async Task No_web_seed_is_asked_when_they_are_disabled(CancellationToken cancellationToken)
    {
        await using var server = WebServer.Start("/film.mkv", FilmBytes);
        await using var bed = await StartAsync(cancellationToken, set: static o => o.Swarm.DisableWebSeeds = true);
        bed.AddPeer(PeerHabit.Honest);
        var torrent = await AddAsync(bed, server.Root, cancellationToken, bed.Tracker.HttpUrl);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        Assert.That(server.Connections, Is.Zero);
        Assert.That(torrent.GetStatistics().Peers, Is.EqualTo(1));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_web_seed_that_a_magnet_names_gives_content_once_a_peer_gave_the_metadata(CancellationToken cancellationToken)
    {
        await using var server = WebServer.Start("/film.mkv", FilmBytes);
        await using var bed = await StartAsync(cancellationToken);
        var peer = bed.AddPeer(PeerHabit.NeverUnchokes);
        var torrent = await bed.Session.AddAsync(
            new TorrentSource(bed.Info.InfoHash, null, [], [peer.EndPoint]) { WebSeeds = [server.Root] },
            cancellationToken
        );
        await bed.GetInfoAsync(torrent, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        Assert.That(server.Requests, Is.Not.Empty);
    }

    [Test, CancelAfter(60_000)]
    public async Task Metadata_comes_from_an_exact_source_without_any_peer(CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(cancellationToken);
        await using var server = WebServer.Start("/film.mkv", FilmBytes);
        server.Answer = TorrentAt(
            "/film.torrent",
            new MetainfoFile(
                bed.Info,
                [
                    ["udp://evil.example:1"],
                ],
                [],
                null,
                null
            ).Write()
        );

        var torrent = await bed.Session.AddAsync(
            new TorrentSource(bed.Info.InfoHash, null, [], [])
            {
                WebSeeds = [server.Root],
                ExactSources = ["dchub://nowhere/", server.Root + "film.torrent"],
            },
            cancellationToken
        );
        await bed.GetInfoAsync(torrent, cancellationToken);

        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);
        Assert.That(((Discovery.ISwarmPort)torrent).Trackers, Is.Empty, "only the info dictionary is covered by the hash");
    }

    [TestCase("another", "is another torrent")]
    [TestCase("noise", "gives no metadata")]
    [CancelAfter(60_000)]
    public async Task Metadata_with_another_hash_is_not_believed(string fault, string reason, CancellationToken cancellationToken)
    {
        await using var bed = await StartAsync(cancellationToken);
        var other = SwarmBed.InfoOf(LabContent.File("other.mkv", 1_000_000), PieceLength);
        await using var server = WebServer.Start();
        var bytes = fault == "noise" ? "<html>"u8.ToArray() : new MetainfoFile(other, [], [], null, null).Write();
        server.Answer = TorrentAt("/film.torrent", bytes);

        var torrent = await bed.Session.AddAsync(
            new TorrentSource(bed.Info.InfoHash, null, [], []) { ExactSources = [server.Root + "film.torrent"] },
            cancellationToken
        );

        await bed.WaitForAsync(() => bed.Log.Lines.Any(l => l.StartsWith("1043", StringComparison.Ordinal)), cancellationToken);
        Assert.That(torrent.HasMetadata, Is.False);
        Assert.That(bed.Log.All, Does.Contain(reason));
    }

    private static Func<WebServer.Request, Stream, CancellationToken, Task<bool>> TorrentAt(string path, byte[] bytes)
    {
        return async (request, stream, token) =>
        {
            if (request.Path != path)
            {
                return false;
            }

            await WebServer.SendAsync(stream, "200 OK", bytes, token);
            return true;
        };
    }

    private static async Task<bool> FailAsync(string fault, WebServer.Request request, Stream stream, CancellationToken cancellationToken)
    {
        var (from, to) = ((int)request.From!, (int)request.To!);
        var bytes = FilmBytes.AsMemory(from, to - from + 1);
        var (head, body) = fault switch
        {
            "whole" => ("200 OK", FilmBytes.AsMemory()),
            "elsewhere" => ($"206 Partial Content\r\nContent-Range: bytes {from + 1}-{to + 1}/{FilmBytes.Length}", bytes),
            "unknown" => ("206 Partial Content", bytes),
            "longer" => ($"206 Partial Content\r\nContent-Range: bytes {from}-{to}/{FilmBytes.Length + 1}", bytes),
            "packed" => ($"206 Partial Content\r\nContent-Range: bytes {from}-{to}/*\r\nContent-Encoding: gzip", bytes),
            "circle" => ("302 Found\r\nLocation: /film.mkv", default),
            "nowhere" => ("302 Found\r\nLocation: gopher://example.org/", default),
            "less" => ($"206 Partial Content\r\nContent-Range: bytes {from}-{from + 99}/{FilmBytes.Length}", bytes[..100]),
            "noise" or "short" or "hangs up" => ("", default),
            _ => ($"{fault} Because", default),
        };
        switch (fault)
        {
            case "short":
                var promise =
                    $"HTTP/1.1 206 OK\r\nContent-Range: bytes {from}-{to}/{FilmBytes.Length}\r\nContent-Length: {bytes.Length}\r\n\r\n";
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(promise), cancellationToken);
                await stream.WriteAsync(bytes[..1000], cancellationToken);
                throw new IOException("The server stops here.");
            case "hangs up":
                throw new IOException("The server stops here.");
            case "noise":
                await stream.WriteAsync("SSH-2.0-OpenSSH\r\n\r\n"u8.ToArray(), cancellationToken);
                throw new IOException("The server stops here.");
            default:
                await WebServer.SendAsync(stream, head, body, cancellationToken);
                return true;
        }
    }

    private static Task<SwarmBed> StartAsync(
        CancellationToken cancellationToken,
        LabContent? content = null,
        TimeProvider? time = null,
        Action<BitTorrentOptions>? set = null
    )
    {
        return SwarmBed.StartAsync(
            content ?? Film,
            PieceLength,
            cancellationToken,
            options =>
            {
                options.Transport.OutgoingAllow = ["127.0.0.1"];
                set?.Invoke(options);
            },
            time
        );
    }

    private static Task<Torrent> AddAsync(SwarmBed bed, string seed, CancellationToken cancellationToken, params string[] trackers)
    {
        string[][] tiers = trackers.Length == 0 ? [] : [trackers];
        return bed.Session.AddAsync(
            new TorrentSource(bed.Info.InfoHash, null, tiers, [], new MetainfoFile(bed.Info, tiers, [seed], null, null)),
            cancellationToken
        );
    }

    /// <summary>Two files with padding between them, names that addresses must escape, and what they hold.</summary>
    private static (TorrentInfo Info, byte[] Content) Folder()
    {
        var content = new byte[PieceLength + 700_000];
        RandomNumberGenerator.Fill(content);
        content.AsSpan(10_000..PieceLength).Clear();
        var hashes = new List<byte>();
        for (var at = 0; at < content.Length; at += PieceLength)
        {
            hashes.AddRange(SHA1.HashData(content.AsSpan(at, Math.Min(PieceLength, content.Length - at))));
        }

        var info = TorrentInfoWriter.WriteFolder(
            "A & B#",
            [
                new NewTorrentFile(["ä/one.txt"], 10_000),
                new NewTorrentFile([".pad", "252144"], PieceLength - 10_000, TorrentFileAttributes.Padding),
                new NewTorrentFile(["empty"], 0),
                new NewTorrentFile(["sub", "two?.bin"], 700_000),
            ],
            PieceLength,
            [.. hashes]
        );
        return (info, content);
    }

    private static async Task<byte[]> ReadAsync(Torrent torrent, int length, CancellationToken cancellationToken)
    {
        await using var reader = await torrent.OpenReaderAsync(0, length, 0, length, "test", cancellationToken);
        var bytes = new byte[length];
        for (var done = 0; done < length; )
        {
            done += await reader.ReadAsync(bytes.AsMemory(done), done, cancellationToken);
        }

        return bytes;
    }
}
