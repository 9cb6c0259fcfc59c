using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.BitTorrent;
using Distribyted.Routes.Sharing;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Routes.Tests.Sharing;

/// <summary>How <c>tracker_url</c> is fetched: as everything else that leaves the engine.</summary>
[CancelAfter(60_000)]
internal sealed class TrackerListTests
{
    private static readonly IPAddress Own = IPAddress.Parse("127.0.0.77");

    private TempFolder _folder = null!;
    private TcpListener _server = null!;
    private string _url = "";

    [SetUp]
    public void Begin()
    {
        _folder = new TempFolder();
        _server = new TcpListener(IPAddress.Loopback, 0);
        _server.Start();
        _url = $"http://{_server.LocalEndpoint}/list?x=1";
    }

    [TearDown]
    public void End()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [TestCase("200 OK", "udp://t.example:80/announce\n\nnonsense\n", "udp://t.example:80/announce", null)]
    [TestCase("200 OK", "nothing", "", "there is no tracker in it")]
    [TestCase("404 Not Found", "", "", "the answer is HTTP 404")]
    public async Task It_is_fetched_from_the_bound_address(
        string status,
        string body,
        string tracker,
        string? reason,
        CancellationToken cancellationToken
    )
    {
        await using var session = Session([_url]);
        var fetching = new TrackerList(session).FetchAsync(_url, cancellationToken);

        using var socket = await _server.AcceptSocketAsync(cancellationToken);
        await socket.ReceiveAsync(new byte[4096], cancellationToken);
        var answer = $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        await socket.SendAsync(Encoding.ASCII.GetBytes(answer), cancellationToken);
        var (trackers, why) = await fetching;

        Assert.That(((IPEndPoint)socket.RemoteEndPoint!).Address, Is.EqualTo(Own));
        Assert.That(string.Join(' ', trackers), Is.EqualTo(tracker));
        Assert.That(why, Is.EqualTo(reason));
    }

    [Test]
    public async Task A_private_address_that_the_configuration_does_not_name_is_not_asked(CancellationToken cancellationToken)
    {
        await using var session = Session([]);

        var (trackers, reason) = await new TrackerList(session).FetchAsync(_url, cancellationToken);

        Assert.That(trackers, Is.Empty);
        Assert.That(reason, Does.Contain("private network"));
        Assert.That(_server.Pending(), Is.False);
    }

    [TestCase("ftp://t.example/list")]
    [TestCase("list.txt")]
    public async Task What_is_no_web_address_is_told(string url, CancellationToken cancellationToken)
    {
        await using var session = Session([]);

        var (trackers, reason) = await new TrackerList(session).FetchAsync(url, cancellationToken);

        Assert.That(trackers, Is.Empty);
        Assert.That(reason, Is.EqualTo("it is no http or https address"));
    }

    private TorrentSession Session(IReadOnlyList<string> lists)
    {
        return new TorrentSession(
            new BitTorrentOptions
            {
                MetadataFolder = _folder.Path,
                Discovery = { OtherLists = lists },
                Transport = { BindAddresses = [Own] },
            },
            NullLoggerFactory.Instance,
            TimeProvider.System
        );
    }
}
