using System.Text.Json;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Http.Users;
using Distribyted.Lab;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>/api/v1/torrents/{hash} and what is below it, over a swarm on loopback.</summary>
[CancelAfter(60_000)]
internal sealed class TorrentResourceTests
{
    private const int Pieces = 5;
    private const long LastPiece = 301_001 - (4 << 16); // bytes

    private static readonly LabSwarmOptions Swarm = new()
    {
        Content = Samples.Content,
        PieceLength = 64 << 10,
        FirstAddress = 60,
    };

    [Test]
    public async Task An_idle_torrent_tells_all_but_has_no_peers(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.PostTorrentAsync("films", Samples.Torrent, cancellationToken);
        await bed.PostTorrentAsync("more", Samples.Torrent, cancellationToken);
        var address = "/api/v1/torrents/" + Samples.Hash;

        var torrent = await bed.GetAsync(address, cancellationToken);
        var files = (await bed.GetAsync(address + "/files", cancellationToken)).GetProperty("items");
        var pieces = await bed.GetAsync(address + "/pieces", cancellationToken);
        var peers = await bed.GetAsync(address + "/peers", cancellationToken);
        var sources = await bed.GetAsync(address + "/sources", cancellationToken);

        Assert.That((torrent.GetProperty("state").GetString(), torrent.GetProperty("pieceCount").GetInt32()), Is.EqualTo(("idle", Pieces)));
        Assert.That(
            torrent.GetProperty("routes").EnumerateArray().Select(r => r.GetProperty("route").GetString()),
            Is.EqualTo(["films", "more"])
        );
        Assert.That(files.EnumerateArray().Select(f => f.GetProperty("path").GetString()), Is.EqualTo(["film.mkv", "film.srt"]));
        Assert.That((files[0].GetProperty("firstPiece").GetInt32(), files[0].GetProperty("lastPiece").GetInt32()), Is.EqualTo((0, 4)));
        Assert.That(pieces.GetProperty("runs").GetRawText(), Is.EqualTo("""[{"state":"absent","count":5}]"""));
        Assert.That(peers.GetProperty("items").GetArrayLength(), Is.Zero);
        Assert.That(sources.GetProperty("items").GetArrayLength(), Is.Zero);
        await Problem.AssertAsync(bed, "POST", address + "/reannounce", 409, cancellationToken);
    }

    [Test]
    public async Task What_was_read_is_here_and_its_peers_and_tracker_are_shown(CancellationToken cancellationToken)
    {
        await using var swarm = await LabSwarm.StartAsync(Swarm, cancellationToken);
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.PostTorrentAsync("films", swarm.Torrent.Write(), cancellationToken);
        var address = "/api/v1/torrents/" + swarm.Torrent.Info.InfoHash;

        await bed.SendAsync("GET", "/fs/films/A%20film/film.srt", cancellationToken); // not all: two seeds would part
        var torrent = await Poll.UntilAsync(
            () => bed.GetAsync(address, cancellationToken),
            t => t.GetProperty("storedBytes").GetInt64() == LastPiece,
            cancellationToken
        );
        var pieces = await bed.GetAsync(address + "/pieces", cancellationToken);
        var files = (await bed.GetAsync(address + "/files", cancellationToken)).GetProperty("items");
        var peers = (await bed.GetAsync(address + "/peers", cancellationToken)).GetProperty("items");
        var sources = (await bed.GetAsync(address + "/sources", cancellationToken)).GetProperty("items");
        var reannounced = await bed.SendAsync("POST", address + "/reannounce", cancellationToken);

        Assert.That(torrent.GetProperty("state").GetString(), Is.EqualTo("active"));
        Assert.That(torrent.GetProperty("downloadedBytes").GetInt64(), Is.GreaterThanOrEqualTo(LastPiece));
        Assert.That(pieces.GetProperty("runs").GetRawText(), Is.EqualTo("""[{"state":"absent","count":4},{"state":"have","count":1}]"""));
        Assert.That(files.EnumerateArray().Select(f => f.GetProperty("bytesHere").GetInt64()), Is.EqualTo([LastPiece - 1_000, 1_000]));
        Assert.That(peers.GetArrayLength(), Is.GreaterThan(0));
        Assert.That(peers[0].GetProperty("address").GetString(), Does.StartWith("127.0.0.6"));
        Assert.That(peers[0].GetProperty("client").GetString(), Does.StartWith("Distribyted"));
        Assert.That(peers[0].GetProperty("transport").GetString(), Is.EqualTo("tcp"));
        Assert.That(peers[0].GetProperty("source").GetString(), Is.EqualTo("tracker").Or.EqualTo("incoming"));
        Assert.That((peers[0].GetProperty("isSeed").GetBoolean(), peers[0].GetProperty("pieces").GetInt32()), Is.EqualTo((true, Pieces)));
        Assert.That(peers.EnumerateArray().Sum(p => p.GetProperty("downloadedBytes").GetInt64()), Is.GreaterThanOrEqualTo(LastPiece));
        Assert.That(sources[0].GetProperty("kind").GetString(), Is.EqualTo("tracker"));
        var tracker = sources[0].GetProperty("trackers")[0];
        Assert.That(tracker.GetProperty("url").GetString(), Is.EqualTo(swarm.TrackerUrl));
        Assert.That(
            (tracker.GetProperty("hasAnswered").GetBoolean(), tracker.GetProperty("trouble").GetString()),
            Is.EqualTo((true, (string?)null))
        );
        Assert.That(reannounced, Is.EqualTo((204, "")));
        await swarm.Tracker.WaitForAsync(
            _ => swarm.Tracker.Announces.Count(a => a.InfoHash == swarm.Torrent.Info.InfoHash) >= 4,
            cancellationToken
        );
    }

    [Test]
    public async Task A_recheck_drops_the_pieces_that_are_wrong_on_disk(CancellationToken cancellationToken)
    {
        await using var swarm = await LabSwarm.StartAsync(Swarm with { FirstAddress = 65 }, cancellationToken);
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.PostTorrentAsync("films", swarm.Torrent.Write(), cancellationToken);
        var address = "/api/v1/torrents/" + swarm.Torrent.Info.InfoHash;
        await bed.SendAsync("GET", "/fs/films/A%20film/film.mkv", cancellationToken);
        await Poll.UntilAsync(() => bed.GetAsync(address + "/pieces", cancellationToken), p => Have(p) == Pieces, cancellationToken);
        Damage(bed, Samples.Content.Bytes(0, 1000));

        var (status, text) = await bed.SendAsync("POST", address + "/recheck", cancellationToken);
        var torrent = await Poll.UntilAsync(
            () => bed.GetAsync(address, cancellationToken),
            t => t.GetProperty("recheckedPieces").ValueKind == JsonValueKind.Null,
            cancellationToken
        );
        var pieces = await bed.GetAsync(address + "/pieces", cancellationToken);

        Assert.That(status, Is.EqualTo(202), text);
        Assert.That(torrent.GetProperty("state").GetString(), Is.EqualTo("active"));
        Assert.That(pieces.GetProperty("runs")[0].GetRawText(), Is.Not.EqualTo("""{"state":"have","count":5}"""));
        Assert.That(Have(pieces), Is.EqualTo(Pieces - 1));
    }

    [Test]
    public async Task The_torrent_file_comes_back_as_it_was_given(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.PostTorrentAsync("films", Samples.Torrent, cancellationToken);

        using var response = await bed.Client.GetAsync($"/api/v1/torrents/{Samples.Hash}/torrent", cancellationToken);
        var file = MetainfoFile.Read(await response.Content.ReadAsByteArrayAsync(cancellationToken));

        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/x-bittorrent"));
        Assert.That(response.Content.Headers.ContentDisposition?.FileName, Is.EqualTo(Samples.Hash + ".torrent"));
        Assert.That(file.Info.InfoHash.ToString(), Is.EqualTo(Samples.Hash));
    }

    [Test]
    public async Task What_waits_for_metadata_says_so(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var body = RoutesResourceTests.Body($$"""{"sources": ["{{Samples.Dead}}"]}""");
        await bed.SendAsync("POST", "/api/v1/routes/films/torrents", cancellationToken, body);
        var address = "/api/v1/torrents/" + Samples.Dead;

        var torrent = await bed.GetAsync(address, cancellationToken);
        var pieces = await bed.GetAsync(address + "/pieces", cancellationToken);
        var files = await bed.GetAsync(address + "/files", cancellationToken);

        Assert.That(torrent.GetProperty("state").GetString(), Is.EqualTo("pending"));
        Assert.That(torrent.GetProperty("reason").GetString(), Does.StartWith("waits for metadata"));
        Assert.That(torrent.GetProperty("magnet").GetString(), Does.StartWith("magnet:?"));
        Assert.That(pieces.GetProperty("pieceCount").GetInt32(), Is.Zero);
        Assert.That(files.GetProperty("items").GetArrayLength(), Is.Zero);
        await Problem.AssertAsync(bed, "GET", address + "/torrent", 409, cancellationToken);
        await Problem.AssertAsync(bed, "POST", address + "/recheck", 409, cancellationToken);
    }

    [Test]
    public async Task Who_may_only_read_sees_no_magnet_no_addresses_and_no_trackers(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken, user: HttpUser.Create("anna", "secret", UserRights.Read));
        await bed.Library.AddAsync(
            "films",
            new Distribyted.Routes.Model.Addition("magnet:?xt=urn:btih:" + Samples.Dead, ReadOnlyMemory<byte>.Empty, "api"),
            cancellationToken
        );
        var address = "/api/v1/torrents/" + Samples.Dead;

        var torrent = await bed.GetAsync(address, cancellationToken);

        Assert.That(torrent.GetProperty("magnet").ValueKind, Is.EqualTo(JsonValueKind.Null));
        foreach (var part in new[] { "/peers", "/sources", "/torrent" })
        {
            await Problem.AssertAsync(bed, "GET", address + part, 403, cancellationToken);
        }
    }

    [Test]
    public async Task A_torrent_of_a_route_that_the_user_does_not_see_is_not_there(CancellationToken cancellationToken)
    {
        var user = HttpUser.Create("anna", "secret", UserRights.Full, ["music"]);
        await using var bed = await WebBed.StartAsync(cancellationToken, user: user);
        await bed.Library.AddAsync("films", new Distribyted.Routes.Model.Addition(null, Samples.Torrent, "api"), cancellationToken);

        foreach (var part in new[] { "", "/files", "/pieces", "/peers", "/sources", "/torrent" })
        {
            await Problem.AssertAsync(bed, "GET", $"/api/v1/torrents/{Samples.Hash}{part}", 404, cancellationToken);
        }

        await Problem.AssertAsync(bed, "GET", "/api/v1/torrents/xyz", 400, cancellationToken);
    }

    private static int Have(JsonElement pieces)
    {
        return pieces
            .GetProperty("runs")
            .EnumerateArray()
            .Where(r => r.GetProperty("state").GetString() == "have")
            .Sum(r => r.GetProperty("count").GetInt32());
    }

    // Finds bytes of the content in the cache and changes them there.
    private static void Damage(WebBed bed, ReadOnlySpan<byte> content)
    {
        foreach (var path in Directory.EnumerateFiles(bed.Folder, "*", SearchOption.AllDirectories))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            if (file.Length is 0 or > 64 << 20)
            {
                continue;
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            var at = bytes.AsSpan().IndexOf(content);
            if (at >= 0)
            {
                file.Position = at;
                file.Write(new byte[100]);
                return;
            }
        }

        Assert.Fail("The content is not on disk.");
    }
}
