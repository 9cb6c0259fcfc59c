namespace Distribyted.Interop.Tests.Support;

/// <summary>opentracker on loopback, HTTP and UDP on one port.</summary>
internal sealed class Tracker : IAsyncDisposable
{
    private readonly RunningProgram _process;

    private Tracker(RunningProgram process, int port)
    {
        _process = process;
        Http = $"http://127.0.0.1:{port}/announce";
        Udp = $"udp://127.0.0.1:{port}/announce";
    }

    public string Http { get; }

    public string Udp { get; }

    public static void Need()
    {
        Programs.Need("opentracker");
    }

    public static async Task<Tracker> StartAsync(CancellationToken cancellationToken)
    {
        var port = Ports.Free();
        var text = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("distribyted-tracker-").FullName; // opentracker locks itself into it
        var process = RunningProgram.Start("opentracker", ["-i", "127.0.0.1", "-p", text, "-P", text, "-d", folder, "-u", "root"]);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Daemon.WaitForAsync(
            async () =>
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/stats"), cancellationToken);
                    return true;
                }
                catch (HttpRequestException)
                {
                    Assert.That(process.HasExited, Is.False, process.Output);
                    return false;
                }
            },
            "the tracker answers",
            cancellationToken
        );
        return new Tracker(process, port);
    }

    public ValueTask DisposeAsync()
    {
        return _process.DisposeAsync();
    }
}
