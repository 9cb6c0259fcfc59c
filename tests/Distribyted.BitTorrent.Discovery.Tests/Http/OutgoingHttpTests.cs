using System.Net;
using Distribyted.BitTorrent.Discovery.Http;
using Distribyted.BitTorrent.Discovery.Names;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Tests.Http;

/// <summary>Addresses that torrents, magnets and users name lead into no private network, however they are written.</summary>
[CancelAfter(60_000)]
internal sealed class OutgoingHttpTests
{
    [Test, Combinatorial]
    public async Task An_address_of_a_private_network_is_not_asked(
        [Values(
            "http://127.0.0.1/x",
            "https://127.0.0.1/x",
            "http://127.1/x",
            "http://0177.1/x",
            "http://0177.0.0.01/x",
            "http://017700000001/x",
            "http://2130706433/x",
            "http://0x7f.1/x",
            "http://0x7f000001/x",
            "http://①②⑦.0.0.1/x",
            "http://127.0.0.1./x",
            "http://0/x",
            "http://0.0.0.0/x",
            "http://10.1/x",
            "http://0300.0250.1/x",
            "http://169.254.169.254/x",
            "http://0xa9fea9fe/x",
            "http://[::]/x",
            "http://[::1]/x",
            "http://[::ffff:127.0.0.1]/x",
            "http://[::ffff:a00:1]/x",
            "http://[::127.0.0.1]/x",
            "http://[64:ff9b::7f00:1]/x",
            "http://[2002:7f00:1::]/x",
            "http://[fe80::1]/x",
            "http://[fe80::1%25lo]/x",
            "http://[fd00::1]/x",
            "http://user:password@127.0.0.1/x",
            "http://8.8.8.8@127.0.0.1/x",
            "http://8.8.8.8:80@0177.1/x",
            "http://localhost/x",
            "http://leads-inside.example/x"
        )]
            string address,
        [Values] RequestPurpose purpose,
        CancellationToken cancellationToken
    )
    {
        var options = new TransportOptions();
        using var names = new HostNames(TimeProvider.System, static _ => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        var http = new OutgoingHttp(options, new AddressGuard(options, []), names, TimeProvider.System);

        var (body, trouble) = await http.FetchAsync(new Uri(address), purpose, 1000, TimeSpan.FromSeconds(30), cancellationToken);

        Assert.That(body, Is.Null);
        Assert.That(trouble, Does.Contain("security.outgoing_allow"));
    }
}
