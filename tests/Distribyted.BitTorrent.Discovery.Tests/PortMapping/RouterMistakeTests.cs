using System.Net;
using System.Text;
using Distribyted.Testing;
using static Distribyted.BitTorrent.Discovery.Tests.PortMapping.PortMapperTests;

namespace Distribyted.BitTorrent.Discovery.Tests.PortMapping;

/// <summary>The mapper against routers with the mistakes that real ones make, and devices that lie.</summary>
[CancelAfter(60_000)]
internal sealed class RouterMistakeTests
{
    /// <summary>Router, what it insists on, the TCP port that is had there (0: another one than ours), seconds of the lease.</summary>
    private static readonly TestCaseData[] Stubborn =
    [
        new TestCaseData("UPnP", (FakeRouter r) => r.OnlyPermanent = true, 42069, 0).SetArgDisplayNames("UPnP, only permanent leases"),
        new TestCaseData("UPnP", (FakeRouter r) => r.Taken["TCP 42069"] = true, 0, 3600).SetArgDisplayNames("UPnP, TCP port taken"),
        new TestCaseData("UPnP", (FakeRouter r) => r.Taken["UDP 42069"] = true, 0, 3600).SetArgDisplayNames("UPnP, UDP port taken"),
        new TestCaseData("NAT-PMP", (FakeRouter r) => r.Taken["TCP 42069"] = true, 42070, 3600).SetArgDisplayNames(
            "NAT-PMP, gives the next"
        ),
    ];

    [TestCaseSource(nameof(Stubborn))]
    public async Task What_a_router_insists_on_is_accepted(
        string protocol,
        Func<FakeRouter, bool> insist,
        int expected,
        int lease,
        CancellationToken cancellationToken
    )
    {
        var router = RouterWith(protocol);
        insist(router);
        await using var bed = await MappedAsync(router, cancellationToken);

        var port = PortIn(router);
        Assert.That(port, expected > 0 ? Is.EqualTo(expected) : Is.Not.EqualTo(MapperBed.Port));
        Assert.That(bed.Mapper.ExternalPort, Is.EqualTo(port));
        Assert.That(router.Mappings.Keys, Is.EquivalentTo([$"TCP {port}", $"UDP {port}"]));
        Assert.That(router.Mappings.Values, Has.All.EndsWith($" {lease}"));
        Assert.That(bed.Log.Count(1351), Is.Zero);

        await bed.Mapper.StopAsync(cancellationToken);

        Assert.That(router.Mappings, Is.Empty);
    }

    [Test]
    public async Task A_permanent_mapping_that_a_router_has_lost_is_made_again(CancellationToken cancellationToken)
    {
        var router = RouterWith("UPnP");
        router.OnlyPermanent = true;
        await using var bed = await MappedAsync(router, cancellationToken);

        router.Mappings.Clear();
        await bed.PassUntilAsync(() => router.Mappings.Count == 2, cancellationToken);

        Assert.That(router.Mappings.Values, Has.All.EndsWith(" 0"));
    }

    [TestCase("UPnP", 3)]
    [TestCase("PCP", 6)]
    [TestCase("NAT-PMP", 6)]
    public async Task Errors_are_followed_by_further_attempts_after_growing_pauses(
        string protocol,
        int failures,
        CancellationToken cancellationToken
    )
    {
        var router = RouterWith(protocol);
        router.Failures = failures;
        router.Result = (byte)(protocol == "PCP" ? 7 : 3); // no address yet
        await using var bed = new MapperBed(router);
        var at = bed.Time.GetUtcNow();

        await bed.MappedAsync(cancellationToken);

        Assert.That(bed.Time.GetUtcNow() - at, Is.GreaterThan(TimeSpan.FromSeconds(5 + 10 + 20)));
        Assert.That(bed.Log.Count(1351), Is.EqualTo(1), "told once");
        await bed.Log.WaitForAsync(1350, cancellationToken);
    }

    [Test]
    public async Task A_router_that_refuses_is_asked_again_after_half_an_hour(CancellationToken cancellationToken)
    {
        var router = RouterWith("NAT-PMP");
        (router.Failures, router.Result) = (1, 2);
        await using var bed = new MapperBed(router);
        var at = bed.Time.GetUtcNow();

        await bed.MappedAsync(cancellationToken);

        Assert.That(bed.Time.GetUtcNow() - at, Is.EqualTo(TimeSpan.FromMinutes(30)).Within(TimeSpan.FromMinutes(1)));
        Assert.That(bed.Log.All, Does.Contain("does not map port 42069 (NAT-PMP result 2 (Refused))"));
    }

    [Test]
    public async Task A_router_without_any_protocol_is_told_once_and_found_when_it_has_one(CancellationToken cancellationToken)
    {
        var router = RouterWith("none");
        await using var bed = new MapperBed(router).Start();
        await bed.PassUntilAsync(() => bed.Log.Count(1353) >= 2, cancellationToken);
        Assert.That(bed.Log.Count(1351), Is.EqualTo(1));
        Assert.That(bed.Log.All, Does.Contain("forward TCP and UDP port 42069 to 127.0.0.1 there"));

        router.SpeaksUpnp = true;
        await bed.PassUntilAsync(() => bed.Mapper.ExternalPort > 0, cancellationToken);

        await bed.Log.WaitForAsync(1350, cancellationToken);
    }

    [Test]
    public async Task A_mapping_that_is_not_renewed_ends_with_its_lease(CancellationToken cancellationToken)
    {
        var router = RouterWith("PCP");
        await using var bed = new MapperBed(router);
        await bed.MappedAsync(cancellationToken);
        var at = bed.Time.GetUtcNow();

        router.IsSilent = true;
        bed.Time.Advance(TimeSpan.FromMinutes(30));
        await bed.PassUntilAsync(() => bed.Mapper.ExternalPort == 0, cancellationToken);

        Assert.That(bed.Time.GetUtcNow() - at, Is.GreaterThanOrEqualTo(TimeSpan.FromHours(1)).And.LessThan(TimeSpan.FromMinutes(65)));

        router.IsSilent = false;
        await bed.PassUntilAsync(() => bed.Mapper.ExternalPort > 0, cancellationToken);
    }

    [TestCase("PCP")]
    [TestCase("NAT-PMP")]
    public async Task A_router_that_tells_of_its_restart_is_asked_at_once(string protocol, CancellationToken cancellationToken)
    {
        var router = RouterWith(protocol);
        await using var bed = new MapperBed(router);
        await bed.MappedAsync(cancellationToken);
        await bed.Log.WaitForAsync(1350, cancellationToken);

        router.Restart();
        if (protocol == "PCP")
        {
            router.TellPcpNews(bed.NewsPort);
        }
        else
        {
            router.TellNatPmpNews(bed.NewsPort);
        }

        await bed.Log.WaitForAsync(1356, cancellationToken);
        await bed.UntilAsync(() => router.Mappings.Count == 2, cancellationToken);
    }

    [Test]
    public async Task News_of_another_machine_or_of_no_restart_change_nothing(CancellationToken cancellationToken)
    {
        await using var unasked = RouterWith("PCP", "127.0.0.62");
        var router = RouterWith("PCP");
        await using var bed = new MapperBed(router);
        await bed.MappedAsync(cancellationToken);
        await bed.Log.WaitForAsync(1350, cancellationToken);

        unasked.Restart();
        unasked.TellPcpNews(bed.NewsPort);
        router.TellPcpNews(bed.NewsPort); // the same epoch goes on
        router.Restart();
        router.TellPcpNews(bed.NewsPort);
        await bed.Log.WaitForAsync(1356, cancellationToken);

        Assert.That(bed.Log.Count(1356), Is.EqualTo(1));
    }

    [Test]
    public async Task An_answer_with_another_nonce_is_none(CancellationToken cancellationToken)
    {
        var router = RouterWith("PCP");
        router.MixesNonces = true;
        await using var bed = await NotMappedAsync(router, cancellationToken);

        Assert.That(bed.Mapper.ExternalPort, Is.Zero);
    }

    [TestCase("http://127.0.0.62:{0}/desc.xml")]
    [TestCase("http://localhost:{0}/desc.xml")]
    [TestCase("https://127.0.0.60:{0}/desc.xml")]
    [TestCase("file:///etc/passwd")]
    public async Task A_device_cannot_send_us_to_another_machine(string location, CancellationToken cancellationToken)
    {
        await using var victim = RouterWith("UPnP", "127.0.0.62");
        var liar = RouterWith("UPnP");
        liar.Location = string.Format(System.Globalization.CultureInfo.InvariantCulture, location, victim.WebPort);
        await using var bed = await NotMappedAsync(liar, cancellationToken);

        Assert.That(victim.Requests, Is.Empty);
        Assert.That(liar.Requests, Is.Empty);
        Assert.That(bed.Log.All, Does.Contain("1357 Port mapping: the answer of 127.0.0.60 to a search for UPnP gateways is ignored"));
    }

    [Test]
    public async Task A_description_cannot_send_calls_to_another_machine(CancellationToken cancellationToken)
    {
        await using var victim = RouterWith("UPnP", "127.0.0.62");
        var liar = RouterWith("UPnP");
        liar.Description = Encoding.ASCII.GetBytes(
            $"<root><URLBase>http://127.0.0.62:{victim.WebPort}/</URLBase><device><serviceList><service><serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>http://127.0.0.62:{victim.WebPort}/control</controlURL></service></serviceList></device></root>"
        );
        await using var bed = await NotMappedAsync(liar, cancellationToken);

        Assert.That(victim.Requests, Is.Empty);
    }

    [TestCase("huge")]
    [TestCase("no XML")]
    [TestCase("entities")]
    [TestCase("no gateway")]
    public async Task A_description_that_is_of_no_use_is_told(string kind, CancellationToken cancellationToken)
    {
        var router = RouterWith("UPnP");
        router.Description = kind switch
        {
            "huge" => Encoding.ASCII.GetBytes("<root>" + new string('x', 2_000_000) + "</root>"),
            "no XML" => "404 not found"u8.ToArray(),
            "entities" => "<!DOCTYPE r [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]><root>&b;</root>"u8.ToArray(),
            _ => "<root><device/></root>"u8.ToArray(),
        };
        await using var bed = await NotMappedAsync(router, cancellationToken);

        Assert.That(bed.Log.All, Does.Contain("gateway 127.0.0.60 does not map port 42069 ("));
        router.Description = null;
        await bed.PassUntilAsync(() => bed.Mapper.ExternalPort > 0, cancellationToken);
    }

    [Test]
    public async Task Devices_beyond_our_own_network_are_ignored(CancellationToken cancellationToken)
    {
        var router = RouterWith("UPnP");
        await using var bed = new MapperBed(router);
        bed.Links = [bed.Links[0] with { Network = IPNetwork.Parse("127.0.0.0/30") }];
        bed.Start();

        await bed.PassUntilAsync(() => bed.Log.Count(1351) == 1, cancellationToken);

        Assert.That(router.Requests, Is.Empty);
    }

    [TestCase("UPnP")]
    [TestCase("PCP")]
    [TestCase("NAT-PMP")]
    public async Task A_router_that_ignores_deletion_does_not_hold_up_the_end_nor_the_next_start(
        string protocol,
        CancellationToken cancellationToken
    )
    {
        var router = RouterWith(protocol);
        router.KeepsDeleted = true;
        await using var bed = await MappedAsync(router, cancellationToken);

        await bed.Mapper.StopAsync(cancellationToken);
        Assert.That(router.Mappings, Has.Count.EqualTo(2));
        await bed.MappedAsync(cancellationToken);

        Assert.That(bed.Mapper.ExternalPort, Is.EqualTo(MapperBed.Port));
    }

    [TestCase("UPnP")]
    [TestCase("PCP")]
    public async Task A_deletion_that_fails_is_tried_once_more(string protocol, CancellationToken cancellationToken)
    {
        var router = RouterWith(protocol);
        await using var bed = new MapperBed(router);
        await bed.MappedAsync(cancellationToken);
        await bed.Log.WaitForAsync(1350, cancellationToken);

        router.Failures = 1;
        await bed.Mapper.StopAsync(cancellationToken);

        Assert.That(router.Mappings, Is.Empty);
        Assert.That(bed.Log.Count(1354), Is.EqualTo(1));
    }

    [TestCase("UPnP")]
    [TestCase("PCP")]
    public async Task The_end_does_not_wait_longer_for_a_silent_router_than_it_may(string protocol, CancellationToken cancellationToken)
    {
        var router = RouterWith(protocol);
        await using var bed = new MapperBed(router);
        await bed.MappedAsync(cancellationToken);
        await bed.Log.WaitForAsync(1350, cancellationToken);
        router.IsSilent = true;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(0.2));

        await bed.Mapper.StopAsync(deadline.Token);

        Assert.That(bed.Log.Count(1355), Is.EqualTo(1));
    }

    /// <summary>A mapper whose router has mapped TCP and UDP.</summary>
    private static async Task<MapperBed> MappedAsync(FakeRouter router, CancellationToken cancellationToken)
    {
        var bed = new MapperBed(router);
        await bed.MappedAsync(cancellationToken);
        await bed.UntilAsync(() => router.Mappings.Count == 2, cancellationToken);
        return bed;
    }

    /// <summary>A mapper that has told that its router maps nothing.</summary>
    private static async Task<MapperBed> NotMappedAsync(FakeRouter router, CancellationToken cancellationToken)
    {
        var bed = new MapperBed(router).Start();
        await bed.PassUntilAsync(() => bed.Log.Count(1351) == 1, cancellationToken);
        return bed;
    }
}
