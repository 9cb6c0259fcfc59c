using System.Net;
using Distribyted.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Tests.Hosting;

internal sealed class ConnectionGateTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");

    [Test]
    public void One_address_gets_half_and_all_together_the_whole()
    {
        var gate = Gate(10);

        Assert.That(Enumerable.Range(0, 20).Count(_ => gate.TryEnter(Client)), Is.EqualTo(5));
        Assert.That(Enumerable.Range(0, 20).Count(i => gate.TryEnter(IPAddress.Parse($"198.51.100.{i}"))), Is.EqualTo(5));
        Assert.That(gate.Open, Is.EqualTo(10));
    }

    [Test]
    public void Who_leaves_frees_a_place()
    {
        var gate = Gate(2);
        Assert.That(gate.TryEnter(Client));
        Assert.That(gate.TryEnter(Client), Is.False);

        gate.Leave(Client);

        Assert.That((gate.TryEnter(Client), gate.Open), Is.EqualTo((true, 1)));
    }

    [
        TestCase("::ffff:192.0.2.1", "192.0.2.1", true),
        TestCase("2001:db8::1", "2001:db8::2:3", true),
        TestCase("2001:db8::1", "2001:db8:0:1::1", false)
    ]
    public void Addresses_of_one_line_are_one(string left, string right, bool same)
    {
        var gate = Gate(2);
        gate.TryEnter(IPAddress.Parse(left));

        Assert.That(gate.TryEnter(IPAddress.Parse(right)), Is.Not.EqualTo(same));
    }

    [TestCase(500), TestCase(1_000_000)]
    public void The_listeners_get_what_peers_and_we_leave_but_never_nothing(int peers)
    {
        Assert.That(OpenFiles.ForListeners(peers), Is.InRange(32, 8192));
    }

    private static ConnectionGate Gate(int most)
    {
        return new ConnectionGate(most, TimeProvider.System, NullLogger<ConnectionGate>.Instance);
    }
}
