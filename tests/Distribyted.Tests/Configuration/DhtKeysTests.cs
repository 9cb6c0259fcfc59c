namespace Distribyted.Tests.Configuration;

internal sealed class DhtKeysTests
{
    [Test]
    public void The_DHT_is_on_and_begins_with_three_hosts()
    {
        var settings = Given.File("").Settings;

        Assert.That(settings.Engine.Discovery.DisableDht, Is.False);
        Assert.That(settings.Engine.Discovery.DhtBootstrap, Has.Count.EqualTo(3));
    }

    [Test]
    public void It_can_be_switched_off_and_given_other_hosts()
    {
        var configured = Given.File("torrent: {disable_dht: true, dht_bootstrap: ['dht.example.org:6881', '[2001:db8::1]:7000']}");

        Assert.That(configured.Mistakes(), Is.Empty);
        Assert.That(configured.Warnings(), Is.Empty);
        Assert.That(configured.Settings.Engine.Discovery.DisableDht, Is.True);
        Assert.That(configured.Settings.Engine.Discovery.DhtBootstrap, Is.EqualTo(new[] { "dht.example.org:6881", "[2001:db8::1]:7000" }));
    }

    [TestCase("dht.example.org")]
    [TestCase("dht.example.org:0")]
    [TestCase("dht.example.org:65536")]
    [TestCase("udp://dht.example.org:6881")]
    [TestCase(":6881")]
    public void A_host_without_a_port_is_a_mistake(string host)
    {
        Assert.That(Given.File($"torrent: {{dht_bootstrap: ['{host}']}}").Mistakes(), Has.Length.EqualTo(1));
    }
}
