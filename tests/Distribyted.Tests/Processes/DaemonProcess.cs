using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Distribyted.Testing;

namespace Distribyted.Tests.Processes;

/// <summary>The daemon of this very build as a process of its own, which can be killed; its folder outlives it.</summary>
internal sealed partial class DaemonProcess : IAsyncDisposable
{
    public const string Password = "a long one";

    private readonly RunningProgram _program;

    private DaemonProcess(RunningProgram program)
    {
        _program = program;
    }

    public Uri Web { get; private set; } = null!;

    public Uri Dav { get; private set; } = null!;

    public int Id => _program.Id;

    public int ExitCode => _program.ExitCode;

    public string Output => _program.Output;

    /// <summary>Starts it on free ports of loopback, without waiting for anything.</summary>
    /// <param name="folder">Working directory and data.</param>
    /// <param name="more">YAML: lines of <c>torrent:</c>, indented by two, then further sections.</param>
    /// <param name="openFiles">What the system lets it have; null: as it is.</param>
    /// <param name="flags">Of the command line.</param>
    /// <param name="environment">Variables.</param>
    public static DaemonProcess Launch(
        string folder,
        string more,
        int? openFiles = null,
        IReadOnlyList<string>? flags = null,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var config = Path.Combine(folder, "distribyted.yaml");
        File.WriteAllText(
            config,
            $$"""
            http: {port: 0, ip: 127.0.0.1}
            webdav:
              port: 0
              ip: 127.0.0.1
              user: anna
              pass: {{Password}}
            log: {path: "", level: warn, levels: {Hosting: info } }
            torrent:
              metadata_folder: {{Path.Combine(folder, "metadata")}}
              listen_port: 0
              bind_address: 127.0.0.1
              disable_upnp: true
              disable_dht: true
              disable_lsd: true
            {{more}}
            """
        );
        List<string> arguments = [BuiltDaemon.Path(), "--config", config, .. flags ?? []];
        return new DaemonProcess(
            openFiles is { } files
                ? RunningProgram.Start(
                    "/bin/sh",
                    ["-c", $"ulimit -n {files}; exec dotnet \"$0\" \"$@\"", .. arguments],
                    environment,
                    folder
                )
                : RunningProgram.Start("dotnet", arguments, environment, folder)
        );
    }

    /// <summary>Starts it and waits until both listeners are open.</summary>
    public static async Task<DaemonProcess> StartAsync(
        string folder,
        string more,
        CancellationToken cancellationToken,
        int? openFiles = null,
        IReadOnlyList<string>? flags = null,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var daemon = Launch(folder, more, openFiles, flags, environment);
        try
        {
            daemon.Dav = new Uri((await daemon.WaitForAsync(DavLine(), cancellationToken)).Groups["address"].Value);
            daemon.Web = new Uri((await daemon.WaitForAsync(WebLine(), cancellationToken)).Groups["address"].Value);
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client that is signed in.</summary>
    public static HttpClient Client()
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Credentials("anna", Password));
        return client;
    }

    public static string Credentials(string user, string password)
    {
        return Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
    }

    /// <summary>Waits until it has printed a line like this.</summary>
    public Task<Match> WaitForAsync(Regex line, CancellationToken cancellationToken)
    {
        return _program.WaitForOutputAsync(line, cancellationToken);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _program.Kill();
        await _program.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken)
    {
        return _program.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Sends a signal by its name, such as HUP.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = System.Diagnostics.Process.Start("/bin/kill", ["-" + signal, Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
    }

    /// <summary>SIGTERM; how long it took to end.</summary>
    public Task<TimeSpan> StopAsync(CancellationToken cancellationToken)
    {
        return _program.StopAsync(cancellationToken);
    }

    /// <summary>Memory that the process has in RAM, bytes (Linux).</summary>
    public long Resident()
    {
        var line = File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>Open files and sockets of the process, without the program itself, which is loaded bit by bit (Linux).</summary>
    public int Handles()
    {
        return new DirectoryInfo($"/proc/{Id}/fd")
            .EnumerateFileSystemInfos()
            .Count(f => f.LinkTarget is { } target && !target.EndsWith(".dll", StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync()
    {
        return _program.DisposeAsync();
    }

    [GeneratedRegex(@"Mount \(WebDAV\): (?<address>http://\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DavLine();

    [GeneratedRegex(@"Web: +(?<address>http://\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WebLine();
}
