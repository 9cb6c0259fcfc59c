using System.Text.Json;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Http.Users;
using Distribyted.Lab;
using Distribyted.Routes.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>GET /api/v1/readers: why a reader waits, in staged cases.</summary>
[CancelAfter(60_000)]
internal sealed class ReadersResourceTests
{
    [Test]
    public async Task Nothing_is_read_by_nothing(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);

        Assert.That((await bed.SendAsync("GET", "/api/v1/readers", cancellationToken)).Text, Is.EqualTo("""{"items":[]}"""));
    }

    [Test]
    public async Task A_reader_without_any_peer_is_told_that_none_is_known(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.PostTorrentAsync("films", Samples.Torrent, cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = ReadAsync(bed, end.Token);

        var reader = await WaitingAsync(bed, "sourcesFail", cancellationToken); // no tracker in it, and no other source here

        var wait = reader.GetProperty("wait");
        Assert.That(reader.GetProperty("file").GetString(), Is.EqualTo("film.mkv"));
        Assert.That(reader.GetProperty("torrent").GetString(), Is.EqualTo("A film"));
        Assert.That(reader.GetProperty("client").GetString(), Is.EqualTo("127.0.0.1 player/1"));
        Assert.That((reader.GetProperty("position").GetInt64(), reader.GetProperty("length").GetInt64()), Is.EqualTo((0, 300_001)));
        Assert.That((wait.GetProperty("piece").GetInt32(), wait.GetProperty("blocks").GetInt32()), Is.EqualTo((0, 4)));
        Assert.That(wait.GetProperty("text").GetString(), Does.StartWith("No peer is known: "));
        await end.CancelAsync();
        await read;
    }

    [Test]
    public async Task A_dead_tracker_is_named(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var torrent = Samples
            .Content.CreateTorrent(
                64 << 10,
                [
                    ["http://127.0.0.1:1/announce"],
                ]
            )
            .Write();
        await bed.PostTorrentAsync("films", torrent, cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = ReadAsync(bed, end.Token);

        var reader = await WaitingAsync(bed, "sourcesFail", cancellationToken);

        Assert.That(reader.GetProperty("wait").GetProperty("text").GetString(), Does.Contain("127.0.0.1"));
        await end.CancelAsync();
        await read;
    }

    [Test]
    public async Task A_peer_without_the_piece_is_no_help(CancellationToken cancellationToken)
    {
        await using var other = await WebBed.StartAsync(cancellationToken);
        var torrent = await FetchLastPieceAsync(other, cancellationToken);
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var port = other.Services.GetRequiredService<TorrentSession>().ListenPort;
        await bed.PostTorrentAsync("films", torrent.Write(), cancellationToken);
        await bed.Library.AddAsync(
            "films",
            new Addition($"magnet:?xt=urn:btih:{torrent.Info.InfoHash}&x.pe=127.0.0.1:{port}", ReadOnlyMemory<byte>.Empty, "api"),
            cancellationToken
        );
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = ReadAsync(bed, end.Token);

        var reader = await WaitingAsync(bed, "noSeedHasPiece", cancellationToken);

        Assert.That(
            reader.GetProperty("wait").GetProperty("text").GetString(),
            Is.EqualTo("The one connected peer does not have piece 0.")
        );
        await end.CancelAsync();
        await read;
    }

    [Test]
    public async Task Who_may_only_read_sees_no_addresses(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(
            cancellationToken,
            user: HttpUser.Create("anna", "secret", UserRights.Read, ["films"])
        );
        await bed.Library.AddAsync("films", new Addition(null, Samples.Torrent, "api"), cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = ReadAsync(bed, end.Token);

        var reader = await WaitingAsync(bed, "sourcesFail", cancellationToken);

        Assert.That(reader.GetProperty("client").ValueKind, Is.EqualTo(JsonValueKind.Null));
        await end.CancelAsync();
        await read;
    }

    // The swarm is gone when this returns.
    private static async Task<MetainfoFile> FetchLastPieceAsync(WebBed bed, CancellationToken cancellationToken)
    {
        var options = new LabSwarmOptions
        {
            Content = Samples.Content,
            PieceLength = 64 << 10,
            FirstAddress = 70,
            Seeders = 1,
        };
        await using var swarm = await LabSwarm.StartAsync(options, cancellationToken);
        await bed.PostTorrentAsync("films", swarm.Torrent.Write(), cancellationToken);
        await bed.SendAsync("GET", "/fs/films/A%20film/film.srt", cancellationToken);
        return swarm.Torrent;
    }

    private static async Task<JsonElement> WaitingAsync(WebBed bed, string cause, CancellationToken cancellationToken)
    {
        var readers = await Poll.UntilAsync(
            () => bed.GetAsync("/api/v1/readers", cancellationToken),
            answer =>
                answer.GetProperty("items").EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
                && first.GetProperty("wait") is { ValueKind: JsonValueKind.Object } wait
                && wait.GetProperty("cause").GetString() == cause,
            cancellationToken
        );
        return readers.GetProperty("items")[0];
    }

    private static async Task ReadAsync(WebBed bed, CancellationToken cancellationToken)
    {
        try
        {
            await bed.SendAsync("GET", "/fs/films/A%20film/film.mkv", cancellationToken, headers: ("User-Agent", "player/1"));
        }
        catch (OperationCanceledException)
        {
            // The player was closed.
        }
    }
}
