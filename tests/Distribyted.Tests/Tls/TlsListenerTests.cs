using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Distribyted.Tests.Hosting;
using Distribyted.Tls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Distribyted.Tests.Tls;

[CancelAfter(60_000)]
internal sealed class TlsListenerTests
{
    private const string Webdav = "{port: 0, tls_port: 0, ip: 127.0.0.1, user: anna, pass: a long one}";
    private const string Http = "{port: 0, tls_port: 0, ip: 127.0.0.1}";

    private string _folder = "";
    private TestCertificates _authority = null!;

    [SetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
        _authority = new TestCertificates();
    }

    [TearDown]
    public void Remove()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Both_listeners_speak_TLS_with_a_self_made_certificate_that_a_client_can_trust(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            "routes: [{name: films}]",
            Webdav,
            http: Http,
            cancellationToken: cancellationToken
        );
        using var shown = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(bed.MetadataFolder, "tls", "certificate.crt"));
        using var client = TlsClient.Trusting(shown, bed.Client);

        Assert.That(await client.PropfindAsync(bed.DavTls, cancellationToken), Is.EqualTo(207));
        Assert.That(
            await client.PropfindAsync(new Uri($"https://127.0.0.1:{bed.Daemon.WebDavTlsPort}/films/"), cancellationToken),
            Is.EqualTo(207)
        );
        Assert.That(await client.GetStringAsync(new Uri(bed.WebTls, "api/routes"), cancellationToken), Does.Contain("films"));
        Assert.That(await bed.StatusAsync("PROPFIND", bed.Dav, cancellationToken), Is.EqualTo(207), "the plain port stays open");
        client.DefaultRequestHeaders.Authorization = null;
        Assert.That(await client.PropfindAsync(bed.DavTls, cancellationToken), Is.EqualTo(401));
    }

    [Test]
    public async Task Who_does_not_trust_the_certificate_gets_no_connection(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync("", Webdav, cancellationToken: cancellationToken);
        using var client = TlsClient.Trusting(_authority.Root, bed.Client);

        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => client.PropfindAsync(bed.DavTls, cancellationToken));

        Assert.That(refusal!.InnerException, Is.TypeOf<AuthenticationException>());
    }

    [Test]
    public async Task A_self_made_certificate_stays_the_same_and_its_key_is_its_owners_alone(CancellationToken cancellationToken)
    {
        string fingerprint;
        await using (var bed = await DaemonBed.StartAsync("", Webdav, _folder, cancellationToken: cancellationToken))
        {
            fingerprint = bed.Daemon.Services.GetRequiredService<ServerCertificate>().Fingerprint;
            var files = Directory.EnumerateFiles(Path.Combine(bed.MetadataFolder, "tls")).Select(Path.GetFileName);
            Assert.That(files, Is.EquivalentTo(new[] { "self-made.pem", "certificate.crt" }));
            Assert.That(
                await File.ReadAllTextAsync(Path.Combine(bed.MetadataFolder, "tls", "certificate.crt"), cancellationToken),
                Does.Not.Contain("PRIVATE")
            );
            if (!OperatingSystem.IsWindows())
            {
                var path = Path.Combine(bed.MetadataFolder, "tls", "self-made.pem");
                Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
            }
        }

        await using var again = await DaemonBed.StartAsync("", Webdav, _folder, cancellationToken: cancellationToken);

        Assert.That(again.Daemon.Services.GetRequiredService<ServerCertificate>().Fingerprint, Is.EqualTo(fingerprint));
        Assert.That(fingerprint, Does.Match("^([0-9A-F]{2}:){31}[0-9A-F]{2}$"));
    }

    [Test]
    public async Task A_PEM_file_is_shown_with_its_chain(CancellationToken cancellationToken)
    {
        using var server = _authority.Server();
        var (certificate, key) = (At("fullchain.pem"), At("privkey.pem"));
        await File.WriteAllTextAsync(certificate, server.ExportCertificatePem() + "\n" + _authority.Chain, cancellationToken);
        await File.WriteAllTextAsync(key, TestCertificates.KeyOf(server, "hunter2"), cancellationToken);
        var tls = $"tls: {{certificate: {certificate}, key: {key}, password: hunter2}}";
        await using var bed = await DaemonBed.StartAsync(tls, Webdav, cancellationToken: cancellationToken);
        using var client = TlsClient.Trusting(_authority.Root, bed.Client);

        Assert.That(await client.PropfindAsync(bed.DavTls, cancellationToken), Is.EqualTo(207), "the client knows only the root");
    }

    [Test]
    public async Task A_PFX_file_is_shown_with_its_chain(CancellationToken cancellationToken)
    {
        using var server = _authority.Server();
        var (certificate, password) = (At("server.pfx"), At("password"));
        var all = new X509Certificate2Collection { X509CertificateLoader.LoadCertificate(_authority.Middle.RawData), server };
        await File.WriteAllBytesAsync(certificate, all.Export(X509ContentType.Pfx, "hunter2")!, cancellationToken);
        await File.WriteAllTextAsync(password, "hunter2\n", cancellationToken);
        var tls = $"tls: {{certificate: {certificate}, password_file: {password}}}";
        await using var bed = await DaemonBed.StartAsync(tls, Webdav, cancellationToken: cancellationToken);
        using var client = TlsClient.Trusting(_authority.Root, bed.Client);

        Assert.That(await client.PropfindAsync(bed.DavTls, cancellationToken), Is.EqualTo(207));
    }

    [Test]
    public async Task A_renewed_file_is_taken_while_running_and_a_broken_one_is_not(CancellationToken cancellationToken)
    {
        var path = At("server.pem");
        using var first = _authority.Server();
        using var second = _authority.Server();
        await File.WriteAllTextAsync(path, Whole(first), cancellationToken);
        await using var bed = await DaemonBed.StartAsync($"tls: {{certificate: {path}}}", Webdav, cancellationToken: cancellationToken);
        var watch = bed.Daemon.Services.GetServices<IHostedService>().OfType<CertificateWatch>().Single();
        Assert.That(await ShownAsync(bed.DavTls, cancellationToken), Is.EqualTo(first.Thumbprint));

        await File.WriteAllTextAsync(path, first.ExportCertificatePem() + TestCertificates.KeyOf(second), cancellationToken);
        watch.Look();
        Assert.That(await ShownAsync(bed.DavTls, cancellationToken), Is.EqualTo(first.Thumbprint), "a key of another certificate");

        File.Delete(path);
        watch.Look();
        Assert.That(await ShownAsync(bed.DavTls, cancellationToken), Is.EqualTo(first.Thumbprint), "no file at all");

        await File.WriteAllTextAsync(path, Whole(second), cancellationToken);
        watch.Look();
        Assert.That(await ShownAsync(bed.DavTls, cancellationToken), Is.EqualTo(second.Thumbprint));
    }

    [TestCase("1.2", SslProtocols.Tls12, true), TestCase("1.3", SslProtocols.Tls12, false), TestCase("1.3", SslProtocols.Tls13, true)]
    public async Task Older_versions_than_the_lowest_are_refused(
        string lowest,
        SslProtocols spoken,
        bool isWelcome,
        CancellationToken cancellationToken
    )
    {
        await using var bed = await DaemonBed.StartAsync($"tls: {{min_version: {lowest}}}", Webdav, cancellationToken: cancellationToken);
        using var shown = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(bed.MetadataFolder, "tls", "certificate.crt"));
        using var client = TlsClient.Trusting(shown, bed.Client, spoken);

        if (isWelcome)
        {
            Assert.That(await client.PropfindAsync(bed.DavTls, cancellationToken), Is.EqualTo(207));
        }
        else
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => client.PropfindAsync(bed.DavTls, cancellationToken));
        }
    }

    [Test]
    public async Task With_require_tls_no_password_is_asked_for_or_taken_on_a_plain_port(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            "auth: {require_tls: true}",
            Webdav,
            http: Http,
            cancellationToken: cancellationToken
        );
        using var shown = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(bed.MetadataFolder, "tls", "certificate.crt"));
        using var client = TlsClient.Trusting(shown, bed.Client);

        foreach (
            var (plain, secure) in new[] { (bed.Dav, bed.Daemon.WebDavTlsPort), (new Uri(bed.Web, "api/routes"), bed.Daemon.WebTlsPort) }
        )
        {
            using var answer = await bed.Client.GetAsync(plain, cancellationToken);
            Assert.That((int)answer.StatusCode, Is.EqualTo(403));
            Assert.That(answer.Headers.WwwAuthenticate, Is.Empty);
            Assert.That(await answer.Content.ReadAsStringAsync(cancellationToken), Does.Contain($"https://127.0.0.1:{secure}/"));
        }

        Assert.That(await client.PropfindAsync(bed.DavTls, cancellationToken), Is.EqualTo(207));
        Assert.That(
            await bed.StatusAsync("GET", new Uri(bed.Web, "health"), cancellationToken),
            Is.EqualTo(200),
            "health needs no sign-in"
        );
    }

    [Test]
    public async Task With_a_TLS_port_alone_nothing_listens_in_plain(CancellationToken cancellationToken)
    {
        const string TlsAlone = "{port: -1, tls_port: 0, ip: 127.0.0.1, user: anna, pass: a long one}";
        await using var bed = await DaemonBed.StartAsync("", TlsAlone, cancellationToken: cancellationToken);
        using var shown = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(bed.MetadataFolder, "tls", "certificate.crt"));
        using var client = TlsClient.Trusting(shown, bed.Client);

        Assert.That(bed.Daemon.WebDavPort, Is.Null);
        Assert.That(await client.PropfindAsync(bed.DavTls, cancellationToken), Is.EqualTo(207));
    }

    private string At(string name)
    {
        return Path.Combine(_folder, name);
    }

    private static string Whole(X509Certificate2 certificate)
    {
        return certificate.ExportCertificatePem() + "\n" + TestCertificates.KeyOf(certificate) + "\n";
    }

    private static async Task<string> ShownAsync(Uri address, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", address.Port, cancellationToken);
        var shown = "";
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown = certificate?.GetCertHashString() ?? "";
                    return shown.Length > 0;
                },
            },
            cancellationToken
        );
        return shown;
    }
}
