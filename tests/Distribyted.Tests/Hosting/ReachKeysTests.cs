using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Distribyted.BitTorrent;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Lab;
using Distribyted.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Tests.Hosting;

/// <summary>What the keys about reaching peers do, from the text of the configuration to what another program sees.</summary>
[CancelAfter(60_000)]
internal sealed class ReachKeysTests
{
    private const int Pieces = 4;
    private const int PieceLength = 64 * 1024;

    private static readonly LabContent Film = LabContent.File("film.mkv", Pieces * PieceLength, seed: 3);

    private readonly ConcurrentQueue<(string Head, IPAddress From)> _requests = [];

    [SetUp]
    public void Clear()
    {
        _requests.Clear();
    }

    [TestCase("false", true)]
    [TestCase("true", false)]
    public async Task The_first_DHT_node_that_is_configured_is_asked_unless_the_DHT_is_disabled(
        string disabled,
        bool isAsked,
        CancellationToken cancellationToken
    )
    {
        using var node = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)node.Client.LocalEndPoint!).Port;
        await using (
            var bed = await DaemonBed.StartAsync(
                $"  disable_dht: {disabled}\n  dht_bootstrap: ['127.0.0.1:{port}']",
                cancellationToken: cancellationToken
            )
        )
        {
            bed.Daemon.Services.GetRequiredService<TorrentSession>().StartDiscovery();
            await Waiting.UntilAsync(() => !isAsked || node.Available > 0, () => "nothing was asked", cancellationToken);
        }

        Assert.That(node.Available > 0, Is.EqualTo(isAsked));
    }

    [TestCase("false", true)]
    [TestCase("true", false)]
    public async Task The_UDP_port_is_open_unless_uTP_is_disabled(string disabled, bool isOpen, CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync($"  disable_utp: {disabled}", cancellationToken: cancellationToken);
        var port = bed.Daemon.Services.GetRequiredService<TorrentSession>().ListenPort;

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ExclusiveAddressUse = true };

        Assert.That(
            () => socket.Bind(new IPEndPoint(IPAddress.Loopback, port)),
            isOpen ? Throws.InstanceOf<SocketException>() : Throws.Nothing
        );
    }

    [TestCase("false", true)]
    [TestCase("true", false)]
    public async Task A_web_seed_is_asked_unless_they_are_disabled(string disabled, bool isAsked, CancellationToken cancellationToken)
    {
        await using var server = new LoopbackListener(ServeAsync);
        await using var bed = await DaemonBed.StartAsync(
            $"  disable_webseeds: {disabled}\n  read_timeout: 5\nsecurity: {{outgoing_allow: [127.0.0.1]}}\nroutes: [{{name: films}}]",
            cancellationToken: cancellationToken
        );
        await PutAsync(bed, server.EndPoint, cancellationToken);

        if (isAsked)
        {
            var read = await bed.Client.GetByteArrayAsync(new Uri(bed.Dav, "films/film.mkv"), cancellationToken);
            Assert.That(Film.Matches(0, 0, read));
        }
        else
        {
            Assert.That(
                async () => await bed.Client.GetByteArrayAsync(new Uri(bed.Dav, "films/film.mkv"), cancellationToken),
                Throws.InstanceOf<HttpRequestException>() // after read_timeout
            );
        }

        Assert.That(_requests.IsEmpty, Is.Not.EqualTo(isAsked));
    }

    [Test]
    public async Task Web_seeds_and_trackers_are_asked_from_the_bound_address(CancellationToken cancellationToken)
    {
        await using var server = new LoopbackListener(ServeAsync);
        await using var tracker = LabTracker.Start();
        await using var bed = await DaemonBed.StartAsync(
            "  bind_address: 127.0.0.53\nsecurity: {outgoing_allow: [127.0.0.1]}\nroutes: [{name: films}]",
            cancellationToken: cancellationToken
        );
        await PutAsync(bed, server.EndPoint, cancellationToken, tracker.HttpUrl);

        await bed.Client.GetByteArrayAsync(new Uri(bed.Dav, "films/film.mkv"), cancellationToken);
        await tracker.WaitForAsync(static announces => announces.Count > 0, cancellationToken);

        Assert.That(_requests.Select(static r => r.From), Is.Not.Empty.And.All.EqualTo(IPAddress.Parse("127.0.0.53")));
        Assert.That(tracker.Announces.First().Peer.Address, Is.EqualTo(IPAddress.Parse("127.0.0.53")));
    }

    [TestCase("prefer", "1", null)]
    [TestCase("require", "1", "1")]
    [TestCase("disable", null, null)]
    public async Task Trackers_are_told_which_connections_are_taken(
        string encryption,
        string? supports,
        string? requires,
        CancellationToken cancellationToken
    )
    {
        await using var tracker = LabTracker.Start();
        await using var bed = await DaemonBed.StartAsync($"  encryption: {encryption}", cancellationToken: cancellationToken);
        var magnet = $"magnet:?xt=urn:btih:{Torrent().Info.InfoHash}&tr={Uri.EscapeDataString(tracker.HttpUrl)}";
        using var body = JsonContent.Create(new Dictionary<string, string>(StringComparer.Ordinal) { ["magnet"] = magnet });
        var added = bed.Client.PostAsync(new Uri(bed.Web, "api/routes/films/torrent"), body, cancellationToken);

        await tracker.WaitForAsync(static announces => announces.Count > 0, cancellationToken);

        var query = tracker.Announces.First().Query;
        Assert.That(query.GetValueOrDefault("supportcrypto"), Is.EqualTo(supports));
        Assert.That(query.GetValueOrDefault("requirecrypto"), Is.EqualTo(requires));
        await bed.Daemon.StopAsync(cancellationToken);
        await Task.WhenAny(added); // it waited for metadata
    }

    private static MetainfoFile Torrent()
    {
        return Film.CreateTorrent(PieceLength);
    }

    private static async Task PutAsync(DaemonBed bed, IPEndPoint server, CancellationToken cancellationToken, string? tracker = null)
    {
        var torrent = Torrent() with
        {
            WebSeeds = [$"http://{server}/film.mkv"],
            Trackers = tracker is null
                ? []
                :
                [
                    [tracker],
                ],
        };
        using var body = new ByteArrayContent(torrent.Write());
        using var answer = await bed.Client.PutAsync(new Uri(bed.Dav, "films/film.torrent"), body, cancellationToken);
        Assert.That(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Gives ranges of the film.</summary>
    private async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var from = ((IPEndPoint)socket.RemoteEndPoint!).Address;
            var (first, last) = (0, 0);
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                {
                    var numbers = line["Range: bytes=".Length..].Split('-');
                    first = int.Parse(numbers[0], CultureInfo.InvariantCulture);
                    last = int.Parse(numbers[1], CultureInfo.InvariantCulture);
                }
                else if (line.Length == 0)
                {
                    _requests.Enqueue(($"{first}-{last}", from));
                    var head =
                        $"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-{last}/{Film.Length}\r\nContent-Length: {last - first + 1}\r\n\r\n";
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
                    await stream.WriteAsync(Film.Bytes(first, last - first + 1), cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The client had enough, or the test.
        }
    }
}
