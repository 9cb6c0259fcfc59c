using System.Globalization;

namespace Distribyted.Interop.Tests.Support;

/// <summary>opentracker on loopback, HTTP and UDP on one port. Debian's build serves only torrents that it was told of, so it is started
/// when the torrent that names it has been made.</summary>
internal sealed class Tracker : IAsyncDisposable
{
    private readonly int _port = Ports.Free();
    private RunningProgram? _process;

    public string Http => $"http://127.0.0.1:{_port}/announce";

    public string Udp => $"udp://127.0.0.1:{_port}/announce";

    public static void Need()
    {
        Programs.Need("opentracker");
    }

    public Task StartAsync(Content content, CancellationToken cancellationToken)
    {
        return StartAsync(content.InfoHash, cancellationToken);
    }

    public async Task StartAsync(string infoHash, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("distribyted-tracker-").FullName; // it locks itself in there, as the user nobody
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "torrents"), infoHash + "\n", cancellationToken);
        var port = _port.ToString(CultureInfo.InvariantCulture);
        _process = RunningProgram.Start("opentracker", ["-i", "127.0.0.1", "-p", port, "-P", port, "-d", folder, "-w", "torrents"]);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Daemon.WaitForAsync(
            async () =>
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{_port}/stats"), cancellationToken);
                    return true;
                }
                catch (HttpRequestException)
                {
                    Assert.That(_process.HasExited, Is.False, _process.Output);
                    return false;
                }
            },
            "the tracker answers",
            cancellationToken
        );
    }

    /// <summary>Waits until a peer has announced that nothing is missing.</summary>
    public Task KnowsASeederAsync(Content content, CancellationToken cancellationToken)
    {
        return KnowsAsync("8:completei1e", content.InfoHash, cancellationToken);
    }

    /// <summary>Waits until a peer has announced that something is missing.</summary>
    public Task KnowsALeecherAsync(string infoHash, CancellationToken cancellationToken)
    {
        return KnowsAsync("incompletei1e", infoHash, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private async Task KnowsAsync(string what, string infoHash, CancellationToken cancellationToken)
    {
        var hash = string.Concat(Convert.FromHexString(infoHash).Select(static b => $"%{b:x2}"));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Daemon.WaitForAsync(
            async () =>
            {
                var answer = await http.GetByteArrayAsync(new Uri($"http://127.0.0.1:{_port}/scrape?info_hash={hash}"), cancellationToken);
                return System.Text.Encoding.Latin1.GetString(answer).Contains(what, StringComparison.Ordinal);
            },
            "the peer has announced itself",
            cancellationToken
        );
    }
}
