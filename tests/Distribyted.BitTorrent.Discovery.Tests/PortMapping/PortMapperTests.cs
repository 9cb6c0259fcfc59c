using System.Net;
using Distribyted.BitTorrent.Discovery.PortMapping;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.PortMapping;

/// <summary>The mapper against routers that do as they should, and say when they do not.</summary>
[CancelAfter(60_000)]
internal sealed class PortMapperTests
{
    [TestCase("PCP")]
    [TestCase("NAT-PMP")]
    [TestCase("UPnP")]
    public async Task A_router_maps_tcp_and_udp_and_both_are_removed_at_the_end(string protocol, CancellationToken cancellationToken)
    {
        await using var bed = new MapperBed(RouterWith(protocol));

        await bed.MappedAsync(cancellationToken);
        await bed.Log.WaitForAsync(1350, cancellationToken);

        Assert.That(bed.Mapper.ExternalPort, Is.EqualTo(MapperBed.Port));
        Assert.That(bed.Mapper.ExternalAddresses, Is.EqualTo([IPAddress.Parse("203.0.113.7")]));
        Assert.That(
            bed.Mapper.Status,
            Is.EqualTo(new PortMappingStatus(PortMappingState.Mapped, protocol, MapperBed.Port, IsPublic: false))
        );
        Assert.That(
            bed.Router.Mappings,
            Is.EquivalentTo(
                new Dictionary<string, string> { ["TCP 42069"] = "127.0.0.1:42069 3600", ["UDP 42069"] = "127.0.0.1:42069 3600" }
            )
        );
        Assert.That(
            bed.Log.Lines.Single(static line => line.StartsWith("1350", StringComparison.Ordinal)),
            Does.Contain($"gateway {bed.Router.Address} maps its TCP and UDP port 42069 to our port 42069 ({protocol}, until 13:00 UTC")
                .And.Contain("external address is 203.0.113.7")
        );

        await bed.Mapper.StopAsync(cancellationToken);

        Assert.That(bed.Router.Mappings, Is.Empty);
        Assert.That(bed.Log.Count(1354), Is.EqualTo(1));
    }

    [Test]
    public async Task A_router_that_maps_by_PCP_is_not_asked_by_UPnP_as_well(CancellationToken cancellationToken)
    {
        var router = RouterWith("PCP");
        router.SpeaksUpnp = true;
        await using var bed = new MapperBed(router);

        await bed.MappedAsync(cancellationToken);
        await bed.UntilAsync(() => bed.Router.Mappings.Count == 2, cancellationToken);
        await bed.Mapper.StopAsync(cancellationToken);

        Assert.That(router.Requests, Has.All.StartsWith("PCP"));
    }

    [Test]
    public async Task A_router_that_knows_only_NAT_PMP_is_asked_by_PCP_once(CancellationToken cancellationToken)
    {
        await using var bed = new MapperBed(RouterWith("NAT-PMP"));

        await bed.MappedAsync(cancellationToken);

        Assert.That(bed.Router.Requests[0], Is.EqualTo("version 2"));
        Assert.That(bed.Router.Requests.Count(static request => request == "version 2"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_mapping_is_renewed_when_half_of_its_lease_is_over(CancellationToken cancellationToken)
    {
        await using var bed = new MapperBed(RouterWith("PCP"));
        await bed.MappedAsync(cancellationToken);
        await bed.Log.WaitForAsync(1350, cancellationToken);
        var (at, asked) = (bed.Time.GetUtcNow(), bed.Router.Requests.Count);

        await bed.PassUntilAsync(() => bed.Router.Requests.Count > asked, cancellationToken);

        Assert.That(bed.Time.GetUtcNow() - at, Is.EqualTo(TimeSpan.FromMinutes(30)).Within(TimeSpan.FromSeconds(30)));
        Assert.That(bed.Log.Count(1350), Is.EqualTo(1), "a renewal is no news");
    }

    [Test]
    public async Task A_shorter_lease_is_renewed_sooner(CancellationToken cancellationToken)
    {
        var router = RouterWith("NAT-PMP");
        router.MaxLease = 120;
        await using var bed = new MapperBed(router);
        await bed.MappedAsync(cancellationToken);
        var asked = router.Requests.Count(static request => request.StartsWith("NAT-PMP TCP", StringComparison.Ordinal));
        var at = bed.Time.GetUtcNow();

        await bed.PassUntilAsync(
            () => router.Requests.Count(static request => request.StartsWith("NAT-PMP TCP", StringComparison.Ordinal)) > asked,
            cancellationToken
        );

        Assert.That(bed.Time.GetUtcNow() - at, Is.EqualTo(TimeSpan.FromSeconds(60)).Within(TimeSpan.FromSeconds(15)));
    }

    [Test]
    public async Task Every_gateway_of_the_network_is_asked(CancellationToken cancellationToken)
    {
        await using var bed = new MapperBed(RouterWith("UPnP"), RouterWith("UPnP", "127.0.0.61"));

        await bed.MappedAsync(cancellationToken);
        await bed.PassUntilAsync(() => bed.Routers.All(static router => router.Mappings.Count == 2), cancellationToken);
        await bed.Mapper.StopAsync(cancellationToken);

        Assert.That(bed.Routers.SelectMany(static router => router.Mappings), Is.Empty);
    }

    [TestCase("192.168.1.4", true)]
    [TestCase("100.64.0.9", true)]
    [TestCase("100.127.255.254", true)]
    [TestCase("10.1.2.3", true)]
    [TestCase("100.128.0.1", false)]
    [TestCase("203.0.113.7", false)]
    public async Task An_external_address_that_is_not_public_is_told(string external, bool isTold, CancellationToken cancellationToken)
    {
        var router = RouterWith("UPnP");
        router.ExternalAddress = IPAddress.Parse(external);
        await using var bed = new MapperBed(router);

        await bed.MappedAsync(cancellationToken);
        await bed.Log.WaitForAsync(1350, cancellationToken);

        await bed.UntilAsync(() => bed.Log.Count(1352) == (isTold ? 1 : 0), cancellationToken);
        Assert.That(bed.Mapper.Status.State, Is.EqualTo(isTold ? PortMappingState.SecondNat : PortMappingState.Mapped));
        Assert.That(bed.Mapper.ExternalAddresses, Has.Count.EqualTo(isTold ? 0 : 1));
    }

    [Test]
    public async Task With_two_routers_the_port_of_the_one_with_a_public_address_is_told(CancellationToken cancellationToken)
    {
        var (inner, outer) = (RouterWith("UPnP"), RouterWith("UPnP", "127.0.0.61"));
        inner.ExternalAddress = IPAddress.Parse("10.0.0.2");
        outer.Taken["TCP 42069"] = true;
        await using var bed = new MapperBed(inner, outer);

        bed.Start();
        await bed.PassUntilAsync(() => outer.Mappings.Count == 2 && bed.Mapper.ExternalAddresses.Count == 1, cancellationToken);

        Assert.That(bed.Mapper.ExternalPort, Is.EqualTo(PortIn(outer)).And.Not.EqualTo(MapperBed.Port));
        Assert.That(bed.Mapper.Status.State, Is.EqualTo(PortMappingState.Mapped));
    }

    [Test]
    public async Task Another_own_address_is_mapped_anew(CancellationToken cancellationToken)
    {
        await using var bed = new MapperBed(RouterWith("PCP"));
        await bed.MappedAsync(cancellationToken);
        await bed.UntilAsync(() => bed.Router.Mappings.Count == 2, cancellationToken);

        bed.Links = [bed.Links[0] with { Own = IPAddress.Parse("127.0.0.2") }];
        bed.Mapper.NetworkChanged();
        await bed.UntilAsync(
            () =>
                bed.Router.Mappings.Count == 2
                && bed.Router.Mappings.Values.All(static m => m.StartsWith("127.0.0.2:", StringComparison.Ordinal)),
            cancellationToken
        );

        Assert.That(bed.Router.Requests, Has.Exactly(2).EndsWith(" 0"));
    }

    [Test]
    public async Task Another_default_router_is_noticed_before_the_next_renewal(CancellationToken cancellationToken)
    {
        await using var other = RouterWith("UPnP", "127.0.0.61");
        await using var bed = new MapperBed(RouterWith("UPnP"));
        await bed.MappedAsync(cancellationToken);
        bed.Router.Neighbours = [other];

        bed.Links = [bed.Links[0] with { Router = other.Address }];
        await bed.PassUntilAsync(() => other.Mappings.Count == 2, cancellationToken);

        Assert.That(other.Mappings, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task The_same_networks_as_before_are_mapped_again_at_once(CancellationToken cancellationToken)
    {
        await using var bed = new MapperBed(RouterWith("PCP"));
        await bed.MappedAsync(cancellationToken);
        await bed.Log.WaitForAsync(1350, cancellationToken);
        bed.Router.Restart();

        bed.Mapper.NetworkChanged(); // a suspend, say

        await bed.UntilAsync(() => bed.Router.Mappings.Count == 2, cancellationToken);
    }

    [Test]
    public async Task What_is_known_before_and_without_a_mapping(CancellationToken cancellationToken)
    {
        await using var bed = new MapperBed(RouterWith("none"));

        bed.Start();
        var before = bed.Mapper.Status.State; // the router has time to answer, by a clock that stands still
        await bed.PassUntilAsync(() => bed.Mapper.Status.State == PortMappingState.NotMapped, cancellationToken);
        bed.Links = [];
        bed.Mapper.NetworkChanged();
        await bed.PassUntilAsync(() => bed.Mapper.Status.State == PortMappingState.NoRouter, cancellationToken);
        bed.Links = [new OwnLink(IPAddress.Parse("198.51.100.7"), IPNetwork.Parse("198.51.100.0/24"), null)];
        bed.Mapper.NetworkChanged();
        await bed.PassUntilAsync(() => bed.Mapper.Status.IsPublic, cancellationToken);

        Assert.That(before, Is.EqualTo(PortMappingState.Searching));
    }

    [Test]
    public async Task A_port_is_opened_for_IPv6_by_PCP_and_is_not_taken_for_a_mapping(CancellationToken cancellationToken)
    {
        var router = RouterWith("PCP", "::1");
        router.ExternalAddress = IPAddress.IPv6Loopback;
        await using var bed = new MapperBed(router);
        bed.Links = [new OwnLink(IPAddress.IPv6Loopback, IPNetwork.Parse("::1/128"), IPAddress.IPv6Loopback)];

        bed.Start();
        await bed.Log.WaitForAsync(1350, cancellationToken);

        Assert.That(router.Mappings, Has.Count.EqualTo(2));
        Assert.That(bed.Mapper.ExternalPort, Is.Zero, "nothing is translated");
        Assert.That(bed.Mapper.Status.State, Is.EqualTo(PortMappingState.Mapped));

        await bed.Mapper.StopAsync(cancellationToken);

        Assert.That(router.Mappings, Is.Empty);
    }

    [Test]
    public async Task A_firewall_that_does_not_open_is_no_news(CancellationToken cancellationToken)
    {
        var router = RouterWith("none", "::1");
        await using var bed = new MapperBed(router);
        bed.Links = [new OwnLink(IPAddress.IPv6Loopback, IPNetwork.Parse("::1/128"), IPAddress.IPv6Loopback)];

        bed.Start();
        await bed.PassUntilAsync(() => bed.Log.Count(1360) == 1, cancellationToken);

        Assert.That(bed.Log.Count(1351), Is.Zero);
    }

    [Test]
    public async Task Without_a_network_nothing_is_asked(CancellationToken cancellationToken)
    {
        await using var bed = new MapperBed();
        bed.Links = [];

        bed.Start();
        await bed.Log.WaitForAsync(1359, cancellationToken);
        await bed.Mapper.StopAsync(cancellationToken);

        Assert.That(bed.Mapper.ExternalPort, Is.Zero);
    }

    internal static FakeRouter RouterWith(string protocol, string address = "127.0.0.60")
    {
        return new FakeRouter(address)
        {
            SpeaksPcp = protocol == "PCP",
            SpeaksNatPmp = protocol == "NAT-PMP",
            SpeaksUpnp = protocol == "UPnP",
        };
    }

    internal static int PortIn(FakeRouter router)
    {
        return int.Parse(
            router.Mappings.Keys.Single(static key => key.StartsWith("TCP", StringComparison.Ordinal))[4..],
            System.Globalization.CultureInfo.InvariantCulture
        );
    }
}
