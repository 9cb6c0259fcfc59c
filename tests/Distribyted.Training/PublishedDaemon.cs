using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Distribyted.Training;

/// <summary>A published daemon as a process, on free ports of loopback, that lists what it compiles while it runs.</summary>
internal sealed partial class PublishedDaemon : IAsyncDisposable
{
    private const string User = "trainer";
    private const string Password = "a long enough one";

    private readonly Process _process;
    private readonly SocketsHttpHandler _handler;
    private readonly string _published;
    private readonly string _list;

    private PublishedDaemon(Process process, string published, string list, Uri dav, Uri web)
    {
        _process = process;
        _published = published;
        _list = list;
        Dav = dav;
        Web = web;
        _handler = new SocketsHttpHandler { UseProxy = false, Credentials = new NetworkCredential(User, Password) }; // Digest, as Windows does
        Http = new HttpClient(_handler);
        Basic = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var credentials = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"{User}:{Password}"));
        Basic.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Basic", credentials);
    }

    /// <summary>Answers what the daemon demands: it signs in by Digest.</summary>
    public HttpClient Http { get; }

    /// <summary>Sends the password with each request.</summary>
    public HttpClient Basic { get; }

    public Uri Dav { get; }

    public Uri Web { get; }

    /// <summary>Starts it and waits until both listeners are open.</summary>
    /// <param name="published">The folder that <c>dotnet publish</c> made.</param>
    /// <param name="folder">Where it keeps its data; as it was left, or empty.</param>
    /// <param name="code">Whether it uses code that was compiled beforehand.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<PublishedDaemon> StartAsync(string published, string folder, CodeUse code, CancellationToken cancellationToken)
    {
        var config = Path.Combine(folder, "distribyted.yaml");
        await File.WriteAllTextAsync(
            config,
            $$"""
            http: {port: 0, ip: 127.0.0.1}
            webdav: {port: 0, ip: 127.0.0.1, user: {{User}}, pass: {{Password}}}
            log: {path: "{{Path.Combine(folder, "log")}}"}
            torrent:
              metadata_folder: "{{Path.Combine(folder, "metadata")}}"
              listen_port: 0
              bind_address: 127.0.0.1
              disable_upnp: true
              disable_dht: true
              disable_lsd: true
            """,
            cancellationToken
        );
        var list = Path.Combine(folder, "compiled");
        File.Delete(list);
        var start = new ProcessStartInfo(Path.Combine(published, "Distribyted"))
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        start.ArgumentList.Add("--config");
        start.ArgumentList.Add(config);
        start.Environment["DOTNET_JitStdOutFile"] = list;
        start.Environment["DOTNET_JitDisasmSummary"] = "1";
        start.Environment["DOTNET_ReadyToRun"] = code == CodeUse.CompileAll ? "0" : "1";
        var process = Process.Start(start)!;
        try
        {
            var (dav, web) = await WaitForListenersAsync(process.StandardOutput, cancellationToken);
            return new PublishedDaemon(process, published, list, dav, web);
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    /// <summary>What it has compiled; whole only when the process has ended, since the runtime writes it in pieces.</summary>
    public IReadOnlyList<CompiledMethod> Compiled()
    {
        return CompiledMethod.ReadAll(_list);
    }

    /// <summary>Names of the published assemblies that it has loaded, without <c>.dll</c>. Linux only.</summary>
    public IEnumerable<string> LoadedAssemblies()
    {
        var folder = Path.GetFullPath(_published) + Path.DirectorySeparatorChar;
        return File.ReadLines($"/proc/{_process.Id.ToString(CultureInfo.InvariantCulture)}/maps")
            .Where(line => line.Contains(folder, StringComparison.Ordinal) && line.EndsWith(".dll", StringComparison.Ordinal))
            .Select(Path.GetFileNameWithoutExtension)
            .OfType<string>()
            .Where(static name => !name.EndsWith(".r2r", StringComparison.Ordinal));
    }

    /// <summary>SIGTERM, and waits until it has ended.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("/bin/kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Http.Dispose();
        Basic.Dispose();
        _handler.Dispose();
    }

    private static async Task<(Uri Dav, Uri Web)> WaitForListenersAsync(StreamReader output, CancellationToken cancellationToken)
    {
        Uri? dav = null;
        Uri? web = null;
        while (dav is null || web is null)
        {
            var line =
                await output.ReadLineAsync(cancellationToken)
                ?? throw new InvalidOperationException("The daemon ended before it listened.");
            dav = DavLine().Match(line) is { Success: true } mount ? new Uri(mount.Groups["address"].Value) : dav;
            web = WebLine().Match(line) is { Success: true } page ? new Uri(page.Groups["address"].Value) : web;
        }

        _ = DrainAsync(output); // else it would wait for us when the pipe is full
        return (dav, web);
    }

    private static async Task DrainAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is not null)
        {
            // Only read.
        }
    }

    [GeneratedRegex(@"Mount \(WebDAV\): (?<address>http://\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DavLine();

    [GeneratedRegex(@"Web: +(?<address>http://\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex WebLine();
}
