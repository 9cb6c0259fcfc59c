using System.Net;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Tests.Swarms;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Torrents;

/// <summary>Which port trackers are told when a router maps ours.</summary>
[CancelAfter(60_000)]
internal sealed class MappedPortTests
{
    [Test]
    public async Task Trackers_are_told_the_port_that_the_router_has_mapped(CancellationToken cancellationToken)
    {
        await using var router = Router();
        await using var bed = await StartAsync(router, static _ => { }, cancellationToken);

        await bed.AddMagnetAsync(cancellationToken);
        await bed.Tracker.WaitForAsync(all => all.Any(a => a.Peer.Port == bed.Session.ListenPort + 1), cancellationToken);
        bed.Session.Services.External.Vote(IPAddress.Parse("203.0.113.7"), IPAddress.Parse("198.51.100.1"));
        await bed.Session.DisposeAsync();

        Assert.That(
            bed.Session.Services.External.Of(System.Net.Sockets.AddressFamily.InterNetwork),
            Is.EqualTo(IPAddress.Parse("203.0.113.7")),
            "the router has voted, too"
        );
        Assert.That(bed.Tracker.Announces.Last(), Has.Property("Event").EqualTo("stopped"));
        Assert.That(bed.Tracker.Announces.Last().Peer.Port, Is.EqualTo(bed.Session.ListenPort + 1));
        Assert.That(router.Mappings, Is.Empty, "removed at the end");
    }

    [Test]
    public async Task A_port_that_the_user_names_goes_before_it(CancellationToken cancellationToken)
    {
        await using var router = Router();
        await using var bed = await StartAsync(router, static o => o.Discovery.PublicPort = 5555, cancellationToken);
        await Waiting.UntilAsync(() => router.Mappings.Count == 2, () => bed.Log.All, cancellationToken);

        await bed.AddMagnetAsync(cancellationToken);
        await bed.Tracker.WaitForAsync(static all => all.Count > 0, cancellationToken);

        Assert.That(bed.Tracker.Announces.Select(static a => a.Peer.Port), Has.All.EqualTo(5555));
    }

    private static FakeRouter Router()
    {
        return new FakeRouter("127.0.0.64") { SpeaksNatPmp = true, GivesNext = true };
    }

    private static Task<SwarmBed> StartAsync(FakeRouter router, Action<BitTorrentOptions> set, CancellationToken cancellationToken)
    {
        return SwarmBed.StartAsync(
            LabContent.File("film.mkv", 100_000),
            16 * 1024,
            cancellationToken,
            o =>
            {
                o.Discovery.DisablePortMapping = false;
                o.Discovery.PortMapping = new PortMappingNetwork(() =>
                    [new OwnLink(IPAddress.Loopback, IPNetwork.Parse("127.0.0.0/8"), router.Address)]
                )
                {
                    Search = router.SearchEndPoint,
                    ControlPort = router.ControlPort,
                    NewsPort = 0,
                };
                set(o);
            }
        );
    }
}
