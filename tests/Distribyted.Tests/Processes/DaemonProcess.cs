using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace Distribyted.Tests.Processes;

/// <summary>The daemon of this very build as a process of its own, which can be killed; its folder outlives it.</summary>
internal sealed partial class DaemonProcess : IAsyncDisposable
{
    public const string Password = "a long one";

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DaemonProcess(Process process)
    {
        _process = process;
    }

    public Uri Web { get; private set; } = null!;

    public Uri Dav { get; private set; } = null!;

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public string Output
    {
        get
        {
            lock (_gate)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it on free ports of loopback, without waiting for anything.</summary>
    /// <param name="folder">Working directory and data.</param>
    /// <param name="more">YAML: lines of <c>torrent:</c>, indented by two, then further sections.</param>
    /// <param name="openFiles">What the system lets it have; null: as it is.</param>
    public static DaemonProcess Launch(string folder, string more, int? openFiles = null)
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
            {{more}}
            """
        );
        var start = new ProcessStartInfo(openFiles is null ? "dotnet" : "/bin/sh")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder,
        };
        if (openFiles is { } files)
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"ulimit -n {files}; exec dotnet \"$0\" \"$@\""));
        }

        start.ArgumentList.Add(ProgramPath());
        start.ArgumentList.Add("--config");
        start.ArgumentList.Add(config);
        var process = new Process { StartInfo = start };
        var daemon = new DaemonProcess(process);
        process.OutputDataReceived += (_, line) => daemon.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => daemon.Keep(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return daemon;
    }

    /// <summary>Starts it and waits until both doors are open.</summary>
    public static async Task<DaemonProcess> StartAsync(
        string folder,
        string more,
        CancellationToken cancellationToken,
        int? openFiles = null
    )
    {
        var daemon = Launch(folder, more, openFiles);
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
    public async Task<Match> WaitForAsync(Regex line, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (line.Match(_output.ToString()) is { Success: true } match)
                {
                    return match;
                }

                more = _more.Task;
            }

            var end = _process.WaitForExitAsync(cancellationToken);
            if (await Task.WhenAny(more, end) == end)
            {
                await end;
                Assert.Fail($"The daemon ended ({_process.ExitCode}):\n{Output}");
            }
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGTERM; how long it took to end.</summary>
    public async Task<TimeSpan> StopAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var kill = Process.Start("/bin/kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(cancellationToken);
        return watch.Elapsed;
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

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        TaskCompletionSource waiting;
        lock (_gate)
        {
            _output.AppendLine(line);
            waiting = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiting.TrySetResult();
    }

    // Beside our own output folder, in the same configuration; or the published one that DISTRIBYTED_TESTS_DAEMON names.
    private static string ProgramPath()
    {
        if (Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_DAEMON") is { Length: > 0 } published)
        {
            return published;
        }

        var own = new DirectoryInfo(AppContext.BaseDirectory);
        var path = Path.Combine(own.Parent!.Parent!.FullName, "Distribyted", own.Name, "Distribyted.dll");
        Assert.That(File.Exists(path), $"{path} is not built.");
        return path;
    }

    [GeneratedRegex(@"Mount \(WebDAV\): (?<address>http://\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DavLine();

    [GeneratedRegex(@"Web: +(?<address>http://\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WebLine();
}
