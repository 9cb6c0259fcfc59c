using System.Net.Sockets;
using System.Text;
using Distribyted.BitTorrent.Discovery.Http;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Discovery.Trackers;
using Distribyted.BitTorrent.Transport;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>The list of trackers that is fetched daily.</summary>
internal sealed class ExtraTrackerListTests
{
    private const string List = "udp://one.example:6969/announce\n\nhttps://two.example/announce\r\nwss://three.example\nnonsense\n";
    private static readonly string[] Trackers = ["udp://one.example:6969/announce", "https://two.example/announce"];

    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-list-").FullName;
    }

    [TearDown]
    public void DeleteFolder()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [TestCase("")]
    [TestCase("# a comment\n")]
    [TestCase("<html><body>Not found</body></html>")]
    public void A_text_without_a_tracker_is_no_list(string text)
    {
        Assert.That(ExtraTrackerList.Parse(Encoding.UTF8.GetBytes(text)), Is.Empty);
    }

    [Test, CancelAfter(60_000)]
    public async Task The_list_is_fetched_kept_and_there_at_the_next_start_without_network(CancellationToken cancellationToken)
    {
        await using var server = new RawHttpServer("HTTP/1.1 200 OK", Encoding.ASCII.GetBytes(List));
        var changes = 0;
        await using (var list = Create(server.Port, TimeProvider.System, new RecordingLog()))
        {
            list.Start(() => Interlocked.Increment(ref changes));
            await Waiting.UntilAsync(() => Volatile.Read(ref changes) == 1, () => "no change", cancellationToken);
            Assert.That(list.Current, Is.EqualTo((string[])["udp://own.example:1/announce", .. Trackers]));
        }

        await using var later = Create(server.Port, TimeProvider.System, new RecordingLog());
        later.Start(() => { });

        Assert.That(later.Current, Is.EqualTo((string[])["udp://own.example:1/announce", .. Trackers]));
        Assert.That(server.Heads, Has.Count.EqualTo(1), "it is good for a day");
    }

    [Test, CancelAfter(60_000)]
    public async Task A_bad_answer_leaves_the_last_good_list_and_is_tried_again(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, ExtraTrackerList.FileName), List, cancellationToken);
        File.SetLastWriteTimeUtc(
            Path.Combine(_folder, ExtraTrackerList.FileName),
            TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromDays(2)
        );
        await using var server = new RawHttpServer("HTTP/1.1 500 Oh", Encoding.ASCII.GetBytes("udp://bad.example:1/announce"));
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var log = new RecordingLog();
        await using var list = Create(server.Port, time, log);

        list.Start(() => { });
        await Waiting.UntilAsync(() => log.All.Contains("HTTP 500", StringComparison.Ordinal), () => log.All, cancellationToken);
        await Announcing.AdvanceSlowlyAsync(time, () => server.Heads.Count == 1, cancellationToken);
        await Waiting.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return server.Heads.Count > 1;
            },
            () => log.All,
            cancellationToken
        );

        Assert.That(list.Current, Is.EqualTo((string[])["udp://own.example:1/announce", .. Trackers]));
    }

    [Test, CancelAfter(60_000)]
    public async Task Torrents_that_are_announced_ask_new_trackers_at_once_and_private_ones_never(CancellationToken cancellationToken)
    {
        await using var tracker = Lab.LabTracker.Start();
        await using var extra = Lab.LabTracker.Start();
        IReadOnlyList<string> current = [];
        await using var bench = new TrackerBench(extraTrackers: () => current);
        var (open, hidden) = (Announcing.Swarm("open"), Announcing.Swarm("hidden"));
        hidden.IsPrivate = true;
        var one = bench.Start(open, [tracker.HttpUrl]);
        var two = bench.Start(hidden, [tracker.HttpUrl]);
        await tracker.WaitForAsync(all => all.Count == 2, cancellationToken);

        current = [extra.HttpUrl];
        one.Changed(SwarmChange.Trackers);
        two.Changed(SwarmChange.Trackers);

        await extra.WaitForAsync(all => all.Count == 1, cancellationToken);
        await one.StopAsync(cancellationToken);
        await two.StopAsync(cancellationToken);
        Assert.That(extra.Announces.Select(a => a.InfoHash).Distinct(), Is.EqualTo(new[] { open.InfoHash }));
    }

    private ExtraTrackerList Create(int port, TimeProvider time, RecordingLog log)
    {
        var transport = new TransportOptions();
        var options = new DiscoveryOptions
        {
            ExtraTrackers = ["udp://own.example:1/announce"],
            ExtraTrackersUrl = $"http://127.0.0.1:{port}/list.txt?a=1",
        };
        var names = new HostNames(time, static _ => throw new SocketException((int)SocketError.HostNotFound));
        var http = new OutgoingHttp(transport, new AddressGuard(transport, [options.ExtraTrackersUrl]), names, time);
        return new ExtraTrackerList(options, _folder, http, time, log.CreateLogger("test"));
    }
}
