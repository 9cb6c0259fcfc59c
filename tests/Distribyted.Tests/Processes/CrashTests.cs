using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;

namespace Distribyted.Tests.Processes;

/// <summary>kill -9 at any moment: what was acknowledged is there afterwards, nothing half-done is.</summary>
[CancelAfter(900_000)]
internal sealed class CrashTests
{
    private const int Writers = 3;
    private static readonly XNamespace DavNames = "DAV:";

    private string _folder = "";

    [SetUp]
    public void Make()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-crash-").FullName;
    }

    [TearDown]
    public void Remove()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task What_was_acknowledged_survives_kill_9_at_any_moment(CancellationToken cancellationToken)
    {
        var seed = Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_SEED") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Random.Shared.Next();
        TestContext.Out.WriteLine($"DISTRIBYTED_TESTS_SEED={seed}");
        var random = new Random(seed);
        var writers = Enumerable.Range(0, Writers).Select(i => new LibraryWriter(i, seed)).ToArray();
        var rounds = LongRun.Size(6, 50);
        for (var round = 0; round < rounds; round++)
        {
            if (random.Next(3) == 0)
            {
                await KillWhileStartingAsync(cancellationToken);
            }

            await using var daemon = await DaemonProcess.StartAsync(_folder, "", cancellationToken);
            var actual = await ReadAsync(daemon, cancellationToken);
            foreach (var writer in writers)
            {
                writer.Settle(actual);
            }

            await WriteUntilKilledAsync(daemon, writers, random, cancellationToken);
        }

        await using (var last = await DaemonProcess.StartAsync(_folder, "", cancellationToken))
        {
            var actual = await ReadAsync(last, cancellationToken);
            foreach (var writer in writers)
            {
                writer.Settle(actual);
            }

            NothingHalfDone(actual);
        }

        var acknowledged = writers.Sum(w => w.Acknowledged);
        TestContext.Out.WriteLine($"{rounds} kills, {acknowledged} requests acknowledged.");
        Assert.That(acknowledged, Is.GreaterThan(rounds), "something was written between the kills");
    }

    // The writers never stop by themselves: after a random number of requests, and a random moment within one, the process is killed.
    private static async Task WriteUntilKilledAsync(
        DaemonProcess daemon,
        LibraryWriter[] writers,
        Random random,
        CancellationToken cancellationToken
    )
    {
        var left = random.Next(1, 120);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = writers.Select(w => w.RunAsync(daemon, Started, cancellationToken)).ToArray();
        await Task.WhenAny([enough.Task, .. running]);
        var microseconds = random.Next(0, 4000);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed.TotalMicroseconds < microseconds)
        {
            Thread.SpinWait(50);
        }

        await daemon.KillAsync();
        await Task.WhenAll(running);

        void Started()
        {
            if (Interlocked.Decrement(ref left) == 0)
            {
                enough.TrySetResult();
            }
        }
    }

    // The moment at which the process has taken its folder and opens the catalog.
    private async Task KillWhileStartingAsync(CancellationToken cancellationToken)
    {
        await using var daemon = DaemonProcess.Launch(_folder, "");
        var pid = Path.Combine(_folder, "metadata", "pid");
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!File.Exists(pid) || await ReadTextAsync(pid) != daemon.Id.ToString(CultureInfo.InvariantCulture))
        {
            await tick.WaitForNextTickAsync(cancellationToken);
        }

        await daemon.KillAsync();
    }

    private static async Task<string> ReadTextAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync();
    }

    // Through both listeners: what the API lists is what the mount shows, and each torrent has its files.
    private static async Task<LibraryState> ReadAsync(DaemonProcess daemon, CancellationToken cancellationToken)
    {
        using var client = DaemonProcess.Client();
        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri(daemon.Web, "api/routes"), cancellationToken));
        var state = LibraryState.Empty;
        foreach (var route in document.RootElement.EnumerateArray())
        {
            var name = route.GetProperty("name").GetString()!;
            state = state.WithRoute(name);
            foreach (var torrent in route.GetProperty("torrentStats").EnumerateArray())
            {
                Assert.That(torrent.GetProperty("state").GetString(), Is.Not.EqualTo("pending"), "its metadata was acknowledged, too");
                state = state.With(name, torrent.GetProperty("name").GetString()!, torrent.GetProperty("hash").GetString()!);
            }
        }

        Assert.That(await ListAsync(client, daemon.Dav, cancellationToken), Is.EquivalentTo(state.Routes.Keys));
        foreach (var (route, torrents) in state.Routes)
        {
            Assert.That(await ListAsync(client, new Uri(daemon.Dav, route + "/"), cancellationToken), Is.EquivalentTo(torrents.Keys));
        }

        foreach (var (route, name, _) in state.Torrents)
        {
            var files = await ListAsync(client, new Uri(daemon.Dav, $"{route}/{name}/"), cancellationToken);
            Assert.That(files, Is.EquivalentTo(new[] { "a.mkv", "b" }), $"{route}/{name}");
        }

        return state;
    }

    private static async Task<string[]> ListAsync(HttpClient client, Uri folder, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), folder);
        request.Headers.Add("Depth", "1");
        using var response = await client.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.That((int)response.StatusCode, Is.EqualTo(207), folder.AbsolutePath);
        return
        [
            .. XDocument
                .Parse(text)
                .Descendants(DavNames + "href")
                .Select(h => Uri.UnescapeDataString(h.Value.TrimEnd('/')))
                .Where(path => path.Length > Uri.UnescapeDataString(folder.AbsolutePath.TrimEnd('/')).Length)
                .Select(path => path[(path.LastIndexOf('/') + 1)..]),
        ];
    }

    // No metadata of torrents that no peer has, no temporary files.
    private void NothingHalfDone(LibraryState state)
    {
        var hashes = state.Torrents.Select(t => t.Hash).ToImmutableHashSet(StringComparer.OrdinalIgnoreCase);
        var kept = Directory
            .EnumerateFiles(Path.Combine(_folder, "metadata", "metainfo"), "*", SearchOption.AllDirectories)
            .Select(Path.GetFileName);
        Assert.That(kept.Where(f => !hashes.Any(h => f!.StartsWith(h, StringComparison.OrdinalIgnoreCase))), Is.Empty);
    }
}
