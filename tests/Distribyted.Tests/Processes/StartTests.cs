using System.Text.RegularExpressions;

namespace Distribyted.Tests.Processes;

/// <summary>How the program ends, or goes on, before anything is served.</summary>
[Platform("Linux", Reason = "Libraries of the system, signals."), CancelAfter(180_000)]
internal sealed partial class StartTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-start-").FullName;
    }

    [TearDown]
    public void RemoveFolder()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_proxy_that_would_not_be_used_ends_the_start_with_78(CancellationToken cancellationToken)
    {
        await using var daemon = DaemonProcess.Launch(_folder, "  proxy_url: socks5://127.0.0.1:1080");

        await daemon.WaitForExitAsync(cancellationToken);

        Assert.That(daemon.ExitCode, Is.EqualTo(78), daemon.Output);
        Assert.That(Directory.Exists(Path.Combine(_folder, "metadata")), Is.False, "nothing was started");
    }

    [Test]
    public async Task Without_ICU_it_starts_says_so_and_finds_names_as_they_are_spelled(CancellationToken cancellationToken)
    {
        var without = Without("libicuuc.so*");
        await using var daemon = await DaemonProcess.StartAsync(
            _folder,
            "routes: [{name: \"Am\u00e9lie\"}]",
            cancellationToken,
            environment: without
        );
        using var client = DaemonProcess.Client();

        using var asSpelled = await client.GetAsync(new Uri(daemon.Dav, "Am%C3%A9lie/"), cancellationToken);
        using var otherwise = await client.GetAsync(new Uri(daemon.Dav, "Ame%CC%81lie/"), cancellationToken);

        Assert.That(daemon.Output, Does.Match(Icu()));
        Assert.That((int)asSpelled.StatusCode, Is.EqualTo(200));
        Assert.That((int)otherwise.StatusCode, Is.EqualTo(404), "with ICU it is found");
    }

    [Test]
    public async Task Without_OpenSSL_it_says_what_to_install(CancellationToken cancellationToken)
    {
        await using var daemon = DaemonProcess.Launch(_folder, "", environment: Without("libssl.so*"));

        await daemon.WaitForExitAsync(cancellationToken);

        Assert.That(daemon.ExitCode, Is.EqualTo(1), daemon.Output);
        Assert.That(
            daemon.Output.Trim(),
            Does.StartWith("distribyted: cannot start: OpenSSL (libssl) is not installed").And.Not.Contains("\n")
        );
    }

    /// <summary>Variables with which a library of the system is not found: files that are none come before it.</summary>
    private Dictionary<string, string> Without(string library)
    {
        var libraries = Directory.CreateDirectory(Path.Combine(_folder, "libraries"));
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 };
        foreach (var file in Directory.EnumerateFiles("/usr/lib", library, options))
        {
            File.WriteAllText(Path.Combine(libraries.FullName, Path.GetFileName(file)), "");
        }

        return new Dictionary<string, string>(StringComparer.Ordinal) { ["LD_LIBRARY_PATH"] = libraries.FullName };
    }

    [GeneratedRegex("warn ICU is not installed", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Icu();

    [Test]
    public async Task SIGHUP_opens_the_log_anew_and_ends_nothing(CancellationToken cancellationToken)
    {
        var logs = Path.Combine(_folder, "logs");
        await using var daemon = await DaemonProcess.StartAsync(
            _folder,
            "",
            cancellationToken,
            flags: ["--log-path", logs, "--log-level", "info"]
        );
        var log = Path.Combine(logs, "distribyted.log");
        File.Move(log, log + ".1");

        await daemon.SignalAsync("HUP", cancellationToken);
        await daemon.StopAsync(cancellationToken);

        Assert.That(daemon.ExitCode, Is.Zero, daemon.Output);
        Assert.That(await File.ReadAllTextAsync(log, cancellationToken), Does.Contain("Stopping."));
        Assert.That(await File.ReadAllTextAsync(log + ".1", cancellationToken), Does.Not.Contain("Stopping."));
    }
}
