using System.Net;
using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport.Udp;

namespace Distribyted.BitTorrent.Transport.Tests;

/// <summary>The UDP port of a session, and that its number is that of the TCP port.</summary>
internal sealed class UdpPortTests : DatagramPortConformance
{
    private static readonly TransportOptions Any = new() { ListenPort = 0, BindAddresses = [IPAddress.Loopback, IPAddress.IPv6Loopback] };

    private readonly List<IAsyncDisposable> _open = [];

    [TearDown]
    public async Task CloseAsync()
    {
        foreach (var port in _open)
        {
            await port.DisposeAsync();
        }

        _open.Clear();
    }

    [Test]
    public void Tcp_and_udp_have_one_number()
    {
        var udp = NewPort(Any);

        var tcp = Keep(PeerPorts.Open(Any, udp, TimeProvider.System)!);

        Assert.That(tcp.Port, Is.GreaterThan(0));
        Assert.That(udp.Port, Is.EqualTo(tcp.Port));
        Assert.That(udp.Has(AddressFamily.InterNetwork) && udp.Has(AddressFamily.InterNetworkV6), Is.True);
    }

    [Test]
    public void A_port_that_is_not_open_sends_nothing()
    {
        var udp = NewPort(Any);

        Keep(PeerPorts.Open(Any, null, TimeProvider.System)!);

        Assert.That(udp.Port, Is.Zero);
        Assert.That(udp.Has(AddressFamily.InterNetwork) || udp.Has(AddressFamily.InterNetworkV6), Is.False);
        Assert.That(udp.TrySend([1], new PeerEndPoint(IPAddress.Loopback, 9)), Is.False);
    }

    [Test]
    public void A_configured_port_that_udp_cannot_have_is_named_with_its_key_and_nothing_stays_open()
    {
        using var taken = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var options = Any with { ListenPort = port };
        var udp = NewPort(options);

        Assert.That(
            () => PeerPorts.Open(options, udp, TimeProvider.System),
            Throws.InstanceOf<IOException>().With.Message.StartsWith($"torrent.listen_port: {port} cannot be opened for UDP")
        );

        taken.Dispose();
        var again = NewPort(options);
        Assert.That(Keep(PeerPorts.Open(options, again, TimeProvider.System)!).Port, Is.EqualTo(port));
    }

    [Test]
    public void Without_tcp_the_number_is_that_of_udp_and_tcp_is_closed()
    {
        var options = Any with { DisableTcp = true };
        var udp = NewPort(options);

        Assert.That(PeerPorts.Open(options, udp, TimeProvider.System), Is.Null);

        using var tcp = new TcpListener(IPAddress.Loopback, udp.Port);
        Assert.That(tcp.Start, Throws.Nothing);
    }

    [Test]
    public void A_family_that_is_switched_off_is_not_opened()
    {
        var udp = NewPort(Any with { DisableIPv6 = true });

        udp.Open(0);

        Assert.That(udp.Has(AddressFamily.InterNetwork), Is.True);
        Assert.That(udp.Has(AddressFamily.InterNetworkV6), Is.False);
        Assert.That(udp.TrySend([1], new PeerEndPoint(IPAddress.IPv6Loopback, 9)), Is.False);
    }

    [Test]
    public async Task After_its_end_nothing_is_sent_and_nothing_throws()
    {
        var udp = NewPort(Any);
        udp.Open(0);
        udp.Start(static _ => { });

        await udp.DisposeAsync();
        _open.Clear();

        Assert.That(udp.TrySend([1], new PeerEndPoint(IPAddress.Loopback, 9)), Is.False);
    }

    protected override IDatagramPort Start(Action<IDatagramPort> register)
    {
        var port = NewPort(Any);
        port.Open(0);
        register(port);
        port.Start(static _ => { });
        return port;
    }

    private UdpPort NewPort(TransportOptions options)
    {
        return Keep(new UdpPort(options, TimeProvider.System));
    }

    private T Keep<T>(T opened)
        where T : IAsyncDisposable
    {
        _open.Add(opened);
        return opened;
    }
}
