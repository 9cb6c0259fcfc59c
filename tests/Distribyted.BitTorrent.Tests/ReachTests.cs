using Distribyted.BitTorrent.Discovery.PortMapping;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests;

/// <summary>What a user is told about how peers reach us, and when.</summary>
internal sealed class ReachTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);
    private static readonly Reach Unknown = Reach.Of(false, false, new PortMappingStatus(PortMappingState.Searching, "", 0, false));
    private static readonly Reach Mapped = Reach.Of(false, false, new PortMappingStatus(PortMappingState.Mapped, "PCP", 7000, false));
    private static readonly Reach Reached = Reach.Of(true, true, null);

    [TestCase("NoRouter", false, "not reachable from the internet as far as is known: this machine has no network with a router", false)]
    [TestCase("NotMapped", false, "probably not reachable from the internet: no router maps the port", true)]
    [TestCase("NotMapped", true, "probably reachable from the internet: this machine has a public address", false)]
    [TestCase("SecondNat", false, "behind a second NAT: ", true)]
    [TestCase("Mapped", false, "probably reachable from the internet: a router maps its port 7000 by UPnP", false)]
    [TestCase("Searching", false, "not known whether the internet reaches it: no router has answered so far", false)]
    public void Before_a_peer_came_in_routers_decide(string state, bool isPublic, string text, bool isTrouble)
    {
        var mapping = new PortMappingStatus(Enum.Parse<PortMappingState>(state), "UPnP", 7000, isPublic);

        var reach = Reach.Of(false, false, mapping);

        Assert.That(reach.Text, Does.StartWith(text));
        Assert.That(reach.IsTrouble, Is.EqualTo(isTrouble));
        Assert.That(reach.IsKnown, Is.EqualTo(state != "Searching"));
    }

    [TestCase("SecondNat", true, true)]
    [TestCase("SecondNat", false, false)]
    [TestCase("NotMapped", true, true)]
    [TestCase("NotMapped", false, true)]
    [TestCase("Searching", true, true)]
    [TestCase("Mapped", false, true)]
    public void A_peer_that_came_in_is_the_proof_but_over_IPv6_none_against_a_second_NAT(string state, bool overIPv4, bool isProof)
    {
        var mapping = new PortMappingStatus(Enum.Parse<PortMappingState>(state), "", 0, false);

        var reach = Reach.Of(true, overIPv4, mapping);

        Assert.That(reach.Text, isProof ? Is.EqualTo("reachable from the internet: a peer from there has connected") : Does.Contain("NAT"));
        Assert.That(reach.IsTrouble, Is.Not.EqualTo(isProof));
    }

    [Test]
    public void It_is_told_once_when_it_is_known_and_again_when_it_changes()
    {
        var log = new RecordingLog();
        var report = new ReachReport(new BitTorrentOptions(), log.CreateLogger("test"));

        report.Look(6881, 0, Unknown, Soon);
        report.Look(6881, 0, Mapped, Soon); // no node of the DHT has answered
        report.Look(6881, 5, Unknown, Soon);
        Assert.That(Lines(log), Is.Empty);

        report.Look(6881, 5, Mapped, Soon);
        report.Look(6881, 80, Mapped, Soon);
        report.Look(6881, 80, Unknown, Soon); // another network: routers are asked again
        report.Look(6881, 80, Mapped, Soon);
        report.Look(6881, 90, Reached, Soon);

        Assert.That(
            Lines(log),
            Is.EqualTo(
                new[]
                {
                    $"Peers: port 6881 over TCP and µTP, encryption prefer, DHT on, 5 nodes, local discovery on; {Mapped.Text}.",
                    $"Peers: port 6881 over TCP and µTP, encryption prefer, DHT on, 90 nodes, local discovery on; {Reached.Text}.",
                }
            )
        );
    }

    [Test]
    public void After_a_while_it_is_told_what_is_known()
    {
        var log = new RecordingLog();
        var options = new BitTorrentOptions { Transport = { DisableLsd = true, DisableUtp = true } };
        var report = new ReachReport(options, log.CreateLogger("test"));

        report.Look(6881, 0, Unknown, TimeSpan.FromSeconds(14));
        Assert.That(Lines(log), Is.Empty);

        report.Look(6881, 0, Unknown, TimeSpan.FromSeconds(15));

        Assert.That(
            Lines(log),
            Is.EqualTo(
                new[]
                {
                    $"Peers: port 6881 over TCP, encryption prefer, DHT on, without nodes so far, local discovery off; {Unknown.Text}.",
                }
            )
        );
    }

    [Test]
    public void Without_a_DHT_nodes_are_not_waited_for()
    {
        var log = new RecordingLog();
        var options = new BitTorrentOptions { Discovery = { DisableDht = true }, Transport = { DisableTcp = true } };

        new ReachReport(options, log.CreateLogger("test")).Look(6881, 0, Mapped, Soon);

        Assert.That(Lines(log).Single(), Does.StartWith("Peers: port 6881 over µTP, encryption prefer, DHT off, "));
    }

    private static IEnumerable<string> Lines(RecordingLog log)
    {
        return log.Lines.Where(static line => line.StartsWith("1030 ", StringComparison.Ordinal)).Select(static line => line[5..].Trim());
    }
}
