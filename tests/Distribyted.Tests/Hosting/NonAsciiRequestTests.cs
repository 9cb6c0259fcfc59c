using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Distribyted.Tests.Hosting;

/// <summary>Requests that a browser would have escaped and old programs do not, through each listener of the daemon.</summary>
[CancelAfter(60_000)]
internal sealed class NonAsciiRequestTests
{
    private DaemonBed _bed = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _bed = await DaemonBed.StartAsync(
            "routes: [{name: \"films \u00e9\"}]",
            "{port: 0, tls_port: 0, ip: 127.0.0.1, user: anna, pass: a long one}",
            http: "{port: 0, tls_port: 0, ip: 127.0.0.1}"
        );
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _bed.DisposeAsync();
    }

    [Test]
    public async Task Raw_UTF_8_names_a_folder_and_a_Latin_1_header_hurts_no_client(
        [Values("web", "webdav")] string listener,
        [Values] bool isTls,
        CancellationToken cancellationToken
    )
    {
        var isWeb = listener == "web";
        var address = (isWeb, isTls) switch
        {
            (true, true) => _bed.WebTls,
            (true, false) => _bed.Web,
            (false, true) => _bed.DavTls,
            _ => _bed.Dav,
        };
        using var shown = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_bed.MetadataFolder, "tls", "certificate.crt"));
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", address.Port, cancellationToken);
        await using Stream stream = isTls
            ? new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, (_, certificate, _, _) => shown.Equals(certificate))
            : new NetworkStream(socket);
        if (stream is SslStream tls)
        {
            await tls.AuthenticateAsClientAsync("localhost");
        }

        var credentials = Convert.ToBase64String("anna:a long one"u8);
        var request = (byte[])
            [
                .. Encoding.UTF8.GetBytes(
                    $"{(isWeb ? "GET /fs" : "PROPFIND ")}/films%20\u00e9/ HTTP/1.1\r\nHost: localhost\r\nUser-Agent: "
                ),
                0xFC,
                .. Encoding.ASCII.GetBytes($"\r\nDepth: 0\r\nAuthorization: Basic {credentials}\r\nConnection: close\r\n\r\n"),
            ];
        await stream.WriteAsync(request, cancellationToken);

        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(cancellationToken);
        Assert.That(answer, Does.StartWith(isWeb ? "HTTP/1.1 200 " : "HTTP/1.1 207 "));
        Assert.That(answer, Does.Contain(isWeb ? "films" : "/films%20%C3%A9/"));
    }
}
