using System.Net.Sockets;
using System.Text;

namespace Distribyted.Tests.Hosting;

/// <summary>Where no password is asked for, a page of another site can reach it under a name of its own (DNS rebinding), and a proxy can let everyone in.</summary>
[CancelAfter(60_000)]
internal sealed class HostNameTests
{
    private static readonly string[] Ours =
    [
        "127.0.0.1:4444",
        "127.0.0.1",
        "192.168.1.10:80",
        "[::1]:4444",
        "[fe80::1]",
        "localhost",
        "LOCALHOST:4444",
        "app.localhost",
        "nas",
        "nas.",
        "nas.local",
        "nas.local.",
        "distribyted.media.svc.cluster.local:36911",
        "nas.home.arpa",
        "media.example.org",
        "MEDIA.example.org:443",
        "a.b.example.net",
        "films.example.com", // of tls.names
    ];

    private static readonly string[] Others =
    [
        "evil.example",
        "evil.example:4444",
        "example.org",
        "example.net",
        "media.example.org.evil.example",
        "notexample.net",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
    ];

    [Test]
    public async Task Without_a_sign_in_only_names_of_ours_are_answered(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            "auth: {web: off, webdav: off}\ntls: {names: [films.example.com]}",
            http: "{port: 0, ip: 127.0.0.1, allowed_hosts: [media.example.org, '*.example.net']}",
            cancellationToken: cancellationToken
        );

        foreach (var listener in new[] { bed.Web, bed.Dav })
        {
            foreach (var host in Ours)
            {
                Assert.That(await StatusAsync(listener, host, "", cancellationToken), Is.EqualTo(200), host);
            }

            foreach (var host in Others)
            {
                Assert.That(await StatusAsync(listener, host, "", cancellationToken), Is.EqualTo(421), host);
            }

            Assert.That(await StatusAsync(listener, null, "", cancellationToken), Is.EqualTo(200), "HTTP/1.0 without Host is no browser");
        }
    }

    [Test]
    public async Task A_program_on_this_machine_is_trusted_only_under_a_name_of_ours_and_for_itself(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync("auth: {trust_loopback: true}", cancellationToken: cancellationToken);

        foreach (var listener in new[] { bed.Web, bed.Dav })
        {
            Assert.That(await StatusAsync(listener, "localhost", "", cancellationToken), Is.EqualTo(200));
            Assert.That(await StatusAsync(listener, "evil.example", "", cancellationToken), Is.EqualTo(401));
            foreach (
                var header in new[]
                {
                    "X-Forwarded-For: 203.0.113.7",
                    "Forwarded: for=203.0.113.7",
                    "X-Real-IP: 203.0.113.7",
                    "X-Forwarded-Host: media.example.org",
                    "X-Forwarded-Proto: https",
                    "Via: 1.1 proxy",
                }
            )
            {
                Assert.That(await StatusAsync(listener, "localhost", header + "\r\n", cancellationToken), Is.EqualTo(401), header);
            }

            var signedIn = $"Authorization: Basic {Convert.ToBase64String("anna:a long one"u8)}\r\nX-Forwarded-For: 203.0.113.7\r\n";
            Assert.That(await StatusAsync(listener, "evil.example", signedIn, cancellationToken), Is.EqualTo(200), "a password is enough");
        }
    }

    [Test]
    public async Task With_a_sign_in_any_name_will_do(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        var signedIn = $"Authorization: Basic {Convert.ToBase64String("anna:a long one"u8)}\r\n";

        Assert.That(await StatusAsync(bed.Web, "media.example.org", signedIn, cancellationToken), Is.EqualTo(200));
        Assert.That(await StatusAsync(bed.Web, "media.example.org", "", cancellationToken), Is.EqualTo(401));
    }

    private static async Task<int> StatusAsync(Uri listener, string? host, string headers, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.Host, listener.Port, cancellationToken);
        var request = host is null ? "GET / HTTP/1.0\r\n" : $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(request + headers + "\r\n"), cancellationToken);
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var line = await reader.ReadLineAsync(cancellationToken);
        return int.Parse(line!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
