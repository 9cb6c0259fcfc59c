using System.Net;
using System.Net.Http.Json;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.Tests.Hosting;

/// <summary>A film of which the swarm has only the beginning, asked for through both listeners.</summary>
internal sealed class UnservedReadTests
{
    private const int PieceLength = 256 * 1024;
    private const int Pieces = 32;
    private const int Had = 9;

    // torrent.read_timeout cannot be shorter than 5 s, so that is how long the test lasts.
    [Test, CancelAfter(60_000)]
    public async Task It_is_cut_by_progress_never_padded_and_never_ended_as_if_whole(CancellationToken cancellationToken)
    {
        var content = LabContent.File("film.mkv", (Pieces * PieceLength) - 1000, seed: 7);
        var torrent = content.CreateTorrent(PieceLength);
        await using var tracker = LabTracker.Start();
        await using var peer = FaultyPeer.Start(Beginning(content, torrent));
        tracker.AddPeer(torrent.Info.InfoHash, peer.EndPoint, seed: false);
        await using var bed = await DaemonBed.StartAsync("  read_timeout: 5", cancellationToken: cancellationToken);
        await AddAsync(bed, torrent.Info, tracker, cancellationToken);

        var readings = new[] { new Uri(bed.Dav, "films/film.mkv"), new Uri(bed.Web, "fs/films/film.mkv") }
            .Select(address => ReadAsync(bed.Client, address, content.Length, cancellationToken))
            .ToArray();

        foreach (var bytes in await Task.WhenAll(readings))
        {
            Assert.That(bytes, Has.Length.EqualTo(Had * PieceLength), "all that was there, and no more");
            Assert.That(content.Matches(0, 0, bytes));
        }
    }

    private static FaultyPeerOptions Beginning(LabContent content, MetainfoFile torrent)
    {
        return new FaultyPeerOptions
        {
            InfoHash = torrent.Info.InfoHash,
            Layout = torrent.Info.Layout,
            Content = content.Fill,
            Metadata = torrent.Info.Bytes,
            Address = IPAddress.Parse("127.0.0.77"),
            Has = piece => piece < Had,
        };
    }

    private static async Task AddAsync(DaemonBed bed, TorrentInfo info, LabTracker tracker, CancellationToken cancellationToken)
    {
        var magnet = $"magnet:?xt=urn:btih:{info.InfoHash}&dn=film.mkv&tr={Uri.EscapeDataString(tracker.HttpUrl)}";
        using var body = JsonContent.Create(new Dictionary<string, string>(StringComparer.Ordinal) { ["magnet"] = magnet });
        using var answer = await bed.Client.PostAsync(new Uri(bed.Web, "api/routes/films/torrent"), body, cancellationToken);
        Assert.That(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    // What came before the connection was cut. HttpClient says so by an exception, but only if the length that was promised is more.
    private static async Task<byte[]> ReadAsync(HttpClient client, Uri address, long length, CancellationToken cancellationToken)
    {
        using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.That((answer.StatusCode, answer.Content.Headers.ContentLength), Is.EqualTo((HttpStatusCode.OK, (long?)length)));
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var came = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken) is var count && count > 0)
            {
                came.Write(buffer, 0, count);
            }
        }
        catch (IOException)
        {
            return came.ToArray();
        }

        throw new AssertionException($"{address} ended as if it were whole, after {came.Length} bytes");
    }
}
