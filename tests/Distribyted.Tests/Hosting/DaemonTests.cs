using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Distribyted.Commands;
using Distribyted.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Tests.Hosting;

[CancelAfter(60_000)]
internal sealed class DaemonTests
{
    private static readonly string[] Closed = ["", "api/status", "api/routes", "api/log", "fs/", "nothing/here"];

    [Test]
    public async Task The_self_test_passes(CancellationToken cancellationToken)
    {
        Assert.That(await SelfTestCommand.RunAsync(cancellationToken), Is.Zero);
    }

    [Test]
    public async Task Each_listener_answers_only_what_is_its_own(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync("routes: [{name: films}]", cancellationToken: cancellationToken);

        Assert.That(await bed.StatusAsync("PROPFIND", bed.Dav, cancellationToken), Is.EqualTo(207));
        Assert.That(await bed.StatusAsync("PROPFIND", bed.Web, cancellationToken), Is.Not.EqualTo(207));
        Assert.That(await bed.StatusAsync("GET", new Uri(bed.Web, "api/status"), cancellationToken), Is.EqualTo(200));
        Assert.That(await bed.StatusAsync("GET", new Uri(bed.Dav, "api/status"), cancellationToken), Is.EqualTo(404));
        Assert.That(await bed.Client.GetStringAsync(bed.Web, cancellationToken), Does.Contain("<title>Overview - Distribyted</title>"));
        Assert.That(await bed.Client.GetStringAsync(bed.Dav, cancellationToken), Does.Contain("films"));
        Assert.That(await bed.Client.GetStringAsync(new Uri(bed.Web, "fs/"), cancellationToken), Does.Contain("films"));
    }

    [Test]
    public async Task No_client_comes_in_without_signing_in_but_health_answers(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        bed.Client.DefaultRequestHeaders.Authorization = null;

        foreach (var address in Closed)
        {
            Assert.That(await bed.StatusAsync("GET", new Uri(bed.Web, address), cancellationToken), Is.EqualTo(401), address);
        }

        Assert.That(await bed.StatusAsync("PROPFIND", bed.Dav, cancellationToken), Is.EqualTo(401));
        Assert.That(await bed.StatusAsync("GET", new Uri(bed.Web, "health"), cancellationToken), Is.EqualTo(200));
        Assert.That(await bed.StatusAsync("GET", new Uri(bed.Web, "health/ready"), cancellationToken), Is.EqualTo(200));
    }

    [Test]
    public async Task A_listener_without_sign_in_asks_for_nothing_and_the_other_one_does(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync("auth: {web: off}", cancellationToken: cancellationToken);
        bed.Client.DefaultRequestHeaders.Authorization = null;

        Assert.That(await bed.StatusAsync("GET", new Uri(bed.Web, "api/routes"), cancellationToken), Is.EqualTo(200));
        Assert.That(await bed.StatusAsync("PROPFIND", bed.Dav, cancellationToken), Is.EqualTo(401));
    }

    [Test]
    public async Task Without_its_section_there_is_no_WebDAV_listener(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(
            "auth: {users: [{name: anna, pass: a long one}]}",
            webdav: "",
            cancellationToken: cancellationToken
        );

        Assert.That(bed.Daemon.WebDavPort, Is.Null);
        Assert.That(await bed.StatusAsync("GET", bed.Web, cancellationToken), Is.EqualTo(200));
    }

    [Test]
    public async Task Files_over_the_web_listener_can_be_turned_off(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync("", cancellationToken: cancellationToken);
        Assert.That(await bed.StatusAsync("GET", new Uri(bed.Web, "fs/"), cancellationToken), Is.EqualTo(200));

        bed.Daemon.Services.GetRequiredService<Web.Api.WebOptions>().HttpFs = false;

        Assert.That(await bed.StatusAsync("GET", new Uri(bed.Web, "fs/"), cancellationToken), Is.EqualTo(404));
    }

    [Test]
    public async Task A_second_daemon_on_the_same_folder_is_refused_by_the_process_of_the_first(CancellationToken cancellationToken)
    {
        await using var first = await DaemonBed.StartAsync(cancellationToken: cancellationToken);

        var refusal = await Assert.ThrowsAsync<StartupException>(() =>
            DaemonBed.StartAsync(folder: first.Folder, cancellationToken: cancellationToken)
        );

        Assert.That(refusal!.Message, Does.StartWith($"torrent.metadata_folder: another distribyted (process {Environment.ProcessId})"));
    }

    [Test]
    public async Task A_port_in_use_is_named_by_its_key(CancellationToken cancellationToken)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var refusal = await Assert.ThrowsAsync<StartupException>(() =>
            DaemonBed.StartAsync(webdav: $"{{port: {port}, ip: 127.0.0.1, pass: x}}", cancellationToken: cancellationToken)
        );

        Assert.That(
            refusal!.Message,
            Is.EqualTo($"webdav.port: {port} is in use by another program. Choose another port or stop that program.")
        );
    }

    [Test]
    public async Task A_folder_that_cannot_be_made_is_named_by_its_key(CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        try
        {
            var refusal = await Assert.ThrowsAsync<StartupException>(() =>
                DaemonBed.StartAsync($"  cache_folder: {file}/pieces", cancellationToken: cancellationToken)
            );

            Assert.That(refusal!.Message, Does.StartWith("torrent.cache_folder: the folder "));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task A_port_for_peers_that_is_in_use_is_named_by_its_key(CancellationToken cancellationToken)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
        try
        {
            var configured = DaemonBed.Configure(folder, "", "{port: 0, ip: 127.0.0.1, pass: x}", "{port: 0, ip: 127.0.0.1}");
            configured.Settings.Engine.Transport.ListenPort = port;
            await using var daemon = Daemon.Build(configured);

            var refusal = await Assert.ThrowsAsync<StartupException>(() => daemon.StartAsync(cancellationToken));

            Assert.That(refusal!.Message, Does.StartWith($"torrent.listen_port: {port} cannot be opened"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestCase("metadata", "torrent.metadata_folder"), TestCase("logs", "log.path"), TestCase("pieces", "torrent.cache_folder")]
    [Platform("Linux", Reason = "A folder that no user can write to, not even root.")]
    public async Task A_folder_that_cannot_be_written_is_named_by_its_key(string name, string key, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(folder, name), "/proc/self");

            var refusal = await Assert.ThrowsAsync<StartupException>(() =>
                DaemonBed.StartAsync($"  cache_folder: {folder}/pieces", folder: folder, cancellationToken: cancellationToken)
            );

            Assert.That(refusal!.Message, Does.StartWith($"{key}: nothing can be written to the folder {folder}/{name}"));
        }
        finally
        {
            Directory.Delete(Path.Combine(folder, name));
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task A_made_password_is_kept_for_its_owner_alone_and_stays_the_same(CancellationToken cancellationToken)
    {
        const string NoUser = "{port: 0, ip: 127.0.0.1}";
        var folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
        try
        {
            string password;
            await using (var bed = await DaemonBed.StartAsync(webdav: NoUser, folder: folder, cancellationToken: cancellationToken))
            {
                var path = Path.Combine(bed.MetadataFolder, "credentials");
                var kept = await File.ReadAllLinesAsync(path, cancellationToken);
                password = kept[1]["pass: ".Length..];
                Assert.That(kept[0], Is.EqualTo("user: admin"));
                Assert.That(password, Has.Length.EqualTo(20));
                if (!OperatingSystem.IsWindows())
                {
                    Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
                }

                bed.SignIn("admin", password);
                Assert.That(await bed.StatusAsync("PROPFIND", bed.Dav, cancellationToken), Is.EqualTo(207));
                Assert.That(await File.ReadAllLinesAsync(path, cancellationToken), Does.Contain("used: true"));
            }

            await using var again = await DaemonBed.StartAsync(webdav: NoUser, folder: folder, cancellationToken: cancellationToken);
            again.SignIn("admin", password);
            Assert.That(await again.StatusAsync("GET", again.Web, cancellationToken), Is.EqualTo(200));
            Assert.That(await LogAsync(again.Folder, cancellationToken), Does.Not.Contain(password));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task It_ends_within_5_seconds_although_a_client_follows_the_log(CancellationToken cancellationToken)
    {
        var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Authorization = bed.Client.DefaultRequestHeaders.Authorization;
        var address = new Uri(bed.Web, "api/log");
        using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var log = await response.Content.ReadAsStreamAsync(cancellationToken);
        Assert.That(await log.ReadAsync(new byte[1], cancellationToken), Is.EqualTo(1));

        var watch = Stopwatch.StartNew();
        await bed.DisposeAsync();

        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task The_log_file_has_the_fields_of_the_Go_program_and_the_API_answers_the_same_lines(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync("routes: [{name: films}]", cancellationToken: cancellationToken);

        var answer = await bed.Client.GetStringAsync(new Uri(bed.Web, "api/log?follow=false"), cancellationToken);

        var file = await LogAsync(bed.Folder, cancellationToken);
        var lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Is.Not.Empty);
        foreach (var line in lines)
        {
            using var document = JsonDocument.Parse(line);
            var fields = document.RootElement;
            Assert.That(fields.GetProperty("time").GetDouble(), Is.GreaterThan(1.7e9));
            Assert.That(fields.GetProperty("level").GetString(), Is.AnyOf("trace", "debug", "info", "warn", "error", "fatal"));
            Assert.That(fields.GetProperty("component").GetString(), Is.Not.Empty);
            Assert.That(fields.GetProperty("message").GetString(), Is.Not.Empty);
            Assert.That(file, Does.Contain(line));
        }

        Assert.That(file, Does.Not.Contain("a long one"));
    }

    [Test]
    public async Task Nothing_is_kept_outside_of_its_folders(CancellationToken cancellationToken)
    {
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);

        var cookies = Type.GetType(
            "Microsoft.AspNetCore.DataProtection.IDataProtectionProvider, Microsoft.AspNetCore.DataProtection.Abstractions"
        );
        Assert.That(cookies, Is.Not.Null);
        Assert.That(bed.Daemon.Services.GetService(cookies!), Is.Null, "it would write keys into the home folder");
        Assert.That(await LogAsync(bed.Folder, cancellationToken), Does.Not.Contain("\"warn\""));
    }

    [Test]
    public async Task Variables_of_the_server_itself_open_no_listener(CancellationToken cancellationToken)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        other.Stop();
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", $"http://127.0.0.1:{port}");
        try
        {
            await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);

            using var client = new TcpClient();
            await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, port, cancellationToken).AsTask());
        }
        finally
        {
            Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
        }
    }

    private static async Task<string> LogAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "logs", "distribyted.log");
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
