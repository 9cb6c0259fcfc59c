using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Distribyted.Interop.Tests.Support;
using Distribyted.Lab;

namespace Distribyted.Interop.Tests;

/// <summary>Torrents made by libtorrent whose only source is nginx.</summary>
internal sealed class WebSeedTests
{
    private static readonly Dictionary<string, long> Files = new(StringComparer.Ordinal)
    {
        ["film.mkv"] = 20_000_001,
        ["Subs/English 100%.srt"] = 4_321,
        ["Subs/Français #1?.srt"] = 54_321,
        ["extra/a.bin"] = 1,
    };

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(120_000)]
    public async Task Files_are_read_byte_for_byte_through_the_mount(bool byLink, CancellationToken cancellationToken)
    {
        Nginx.Need();
        Programs.NeedLibtorrent();
        using var folder = new TempFolder();
        var root = await MakeFilesAsync(folder, cancellationToken);
        await using var nginx = await Nginx.StartAsync(folder, folder.At("www"), cancellationToken);
        var torrent = folder.At("www", "show.torrent");
        var script = Path.Combine(AppContext.BaseDirectory, "Support", "libtorrent_create.py");
        var hash = await RunningProgram.RunAsync("/usr/bin/python3", [script, root, torrent, nginx.Root], cancellationToken);
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            more: """
            security:
              outgoing_allow: [127.0.0.1]
            routes:
              - name: multimedia
            """
        );

        if (byLink)
        {
            var source = Uri.EscapeDataString(nginx.Root);
            await daemon.AddAsync(
                "multimedia",
                $"magnet:?xt=urn:btih:{hash.Trim()}&ws={source}&xs={source}show.torrent",
                cancellationToken
            );
        }
        else
        {
            await daemon.PutAsync("/multimedia/show.torrent", torrent, cancellationToken);
        }

        await AssertAllReadAsync(daemon, root, cancellationToken);
        var tail = await daemon.ReadAsync("/multimedia/Show & more/film.mkv", 19_000_000, 19_000_999, cancellationToken);
        Assert.That(tail, Has.Length.EqualTo(1000));
    }

    [TestCase(true)]
    [TestCase(false)]
    [CancelAfter(120_000)]
    public async Task Https_is_used_when_the_system_trusts_the_certificate_and_otherwise_the_log_says_what_to_do(
        bool isTrusted,
        CancellationToken cancellationToken
    )
    {
        Nginx.Need();
        Programs.NeedLibtorrent();
        using var folder = new TempFolder();
        var root = await MakeFilesAsync(folder, cancellationToken);
        var (certificate, authority) = await MakeCertificateAsync(folder, cancellationToken);
        await using var nginx = await Nginx.StartAsync(folder, folder.At("www"), cancellationToken, certificate);
        var torrent = folder.At("show.torrent");
        var script = Path.Combine(AppContext.BaseDirectory, "Support", "libtorrent_create.py");
        await RunningProgram.RunAsync("/usr/bin/python3", [script, root, torrent, nginx.TlsRoot], cancellationToken);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (isTrusted)
        {
            environment["SSL_CERT_FILE"] = authority;
        }

        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            torrent: "read_timeout: 5",
            more: """
            security:
              outgoing_allow: [127.0.0.1]
            routes:
              - name: multimedia
            """,
            environment: environment
        );
        await daemon.PutAsync("/multimedia/show.torrent", torrent, cancellationToken);

        if (isTrusted)
        {
            await AssertAllReadAsync(daemon, root, cancellationToken);
            return;
        }

        var read = daemon.Http.GetAsync(new Uri(daemon.DavRoot, "multimedia/Show%20%26%20more/film.mkv"), cancellationToken);
        await Daemon.WaitForAsync(
            () =>
                Task.FromResult(
                    daemon.Output.Contains("web seed 127.0.0.1 is given up: its TLS certificate is not valid", StringComparison.Ordinal)
                ),
            $"the log says so\n{daemon.Output}",
            cancellationToken
        );
        Assert.That(daemon.Output, Does.Contain("SSL_CERT_FILE"));
        Assert.That(async () => await read, Throws.InstanceOf<HttpRequestException>());
    }

    /// <summary>The line is compared with itself: one download by HTTP over it, in the same minute.</summary>
    [Test, CancelAfter(180_000)]
    public async Task A_line_of_20_MB_per_second_is_filled_and_a_seek_costs_two_round_trips_and_a_piece(CancellationToken cancellationToken)
    {
        const int Length = 256 << 20;
        var roundTrip = TimeSpan.FromMilliseconds(50);
        Nginx.Need();
        Programs.NeedLibtorrent();
        using var folder = new TempFolder();
        var root = folder.Make("www", "Show");
        var film = new byte[Length + (64 << 20)];
        new Random(1).NextBytes(film);
        await File.WriteAllBytesAsync(Path.Combine(root, "film.mkv"), film, cancellationToken);
        await using var nginx = await Nginx.StartAsync(folder, folder.At("www"), cancellationToken);
        await using var line = await LinkShaper.StartAsync(
            new IPEndPoint(IPAddress.Loopback, new Uri(nginx.Root).Port),
            LinkOptions.Symmetric(roundTrip, 20_000_000)
        );
        var torrent = folder.At("show.torrent");
        var script = Path.Combine(AppContext.BaseDirectory, "Support", "libtorrent_create.py");
        await RunningProgram.RunAsync("/usr/bin/python3", [script, root, torrent, $"http://{line.EndPoint}/"], cancellationToken);
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            more: """
            security:
              outgoing_allow: [127.0.0.1]
            routes:
              - name: multimedia
            """
        );
        await daemon.PutAsync("/multimedia/show.torrent", torrent, cancellationToken);
        const string Mounted = "/multimedia/Show/film.mkv";

        var watch = Stopwatch.StartNew();
        var read = await daemon.ReadAsync(Mounted, 0, Length - 1, cancellationToken);
        var ours = watch.Elapsed;

        Assert.That(read.AsSpan().SequenceEqual(film.AsSpan(0, Length)), Is.True);
        var seeks = new List<TimeSpan>();
        for (var at = Length + (8 << 20); at < film.Length; at += 8 << 20)
        {
            watch.Restart();
            var piece = await daemon.ReadAsync(Mounted, at, at + 16383, cancellationToken);
            seeks.Add(watch.Elapsed);
            Assert.That(piece.AsSpan().SequenceEqual(film.AsSpan(at, 16384)), Is.True);
        }

        watch.Restart();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{line.EndPoint}/Show/film.mkv"));
        request.Headers.Range = new RangeHeaderValue(0, Length - 1);
        using var answer = await http.SendAsync(request, cancellationToken);
        var plain = watch.Elapsed;
        seeks.Sort();
        var seek = seeks[seeks.Count / 2];
        TestContext.Out.WriteLine(
            $"{Length / 1e6 / ours.TotalSeconds:0.0} MB/s, plain HTTP {Length / 1e6 / plain.TotalSeconds:0.0} MB/s, seek {seek.TotalMilliseconds:0} ms"
        );
        Assert.That(ours, Is.LessThan(plain / 0.5), "the machine may be busy; what one alone reaches is in the README of the engine");
        Assert.That(seek, Is.LessThan((2 * roundTrip) + TimeSpan.FromMilliseconds(100)), "a piece of 128 KiB takes 7 ms");
    }

    /// <summary>A server's certificate with its key, and the private authority that signed it.</summary>
    private static async Task<(string Certificate, string Authority)> MakeCertificateAsync(
        TempFolder folder,
        CancellationToken cancellationToken
    )
    {
        var now = TimeProvider.System.GetUtcNow();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = new CertificateRequest("CN=Private authority", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = root.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        using var signed = server.Create(authority, now.AddDays(-1), now.AddDays(1), [1, 2, 3]);
        var (certificate, trusted) = (folder.At("server.pem"), folder.At("authority.pem"));
        await File.WriteAllTextAsync(
            certificate,
            signed.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n",
            cancellationToken
        );
        await File.WriteAllTextAsync(trusted, authority.ExportCertificatePem() + "\n", cancellationToken);
        return (certificate, trusted);
    }

    private static async Task<string> MakeFilesAsync(TempFolder folder, CancellationToken cancellationToken)
    {
        var root = folder.Make("www", "Show & more");
        foreach (var (path, length) in Files)
        {
            var file = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var bytes = new byte[length];
            new Random(path.Length).NextBytes(bytes);
            await File.WriteAllBytesAsync(file, bytes, cancellationToken);
        }

        return root;
    }

    private static async Task AssertAllReadAsync(Daemon daemon, string root, CancellationToken cancellationToken)
    {
        foreach (var (path, _) in Files)
        {
            var original = await File.ReadAllBytesAsync(Path.Combine(root, path), cancellationToken);
            var read = await daemon.ReadAsync($"/multimedia/Show & more/{path}", null, null, cancellationToken);
            Assert.That(Content.Sha256(read), Is.EqualTo(Content.Sha256(original)), $"{path}\n{daemon.Output}");
        }
    }
}
