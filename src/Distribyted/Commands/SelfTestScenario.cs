using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Distribyted.Configuration;
using Distribyted.Hosting;
using Distribyted.Lab;

namespace Distribyted.Commands;

/// <summary>The scenario: a tracker and two seeders of our own engine on loopback, and the real daemon, asked through its real listeners.</summary>
internal sealed class SelfTestScenario : IAsyncDisposable
{
    private const string Route = "selftest";
    private const int Reads = 60;
    private const int Chunk = 128 * 1024;
    private static readonly XNamespace Dav = "DAV:";

    private readonly string _folder = Directory.CreateTempSubdirectory("distribyted-selftest-").FullName;
    private readonly string _password = RandomNumberGenerator.GetHexString(20);
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly LabContent _content;
    private LabSwarm? _swarm;
    private Daemon? _daemon;

    public SelfTestScenario()
    {
        // Lengths that are no multiple of a piece, and a name that has to be escaped.
        var files = new LabFile[]
        {
            new("film.mkv", (24 << 20) + 4321),
            new("extras/making of.mp4", (6 << 20) + 17),
            new("film.srt", 61_007),
        };
        _content = LabContent.Folder("Self test", files, seed: 20);
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes("selftest:" + _password));
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", credentials);
    }

    public IReadOnlyList<(string Name, Func<CancellationToken, Task<string>> Action)> Steps =>
        [
            ("tracker and two seeders", StartSwarmAsync),
            ("daemon", StartDaemonAsync),
            ("POST of a magnet", PostAsync),
            ("PROPFIND finds the files", ListAsync),
            ("first 64 KiB of a film", FirstBytesAsync),
            ("reads at random places", RandomReadsAsync),
            ("whole files over WebDAV", WholeFilesAsync),
            ("the same over /fs, now from disk", WarmAsync),
            ("the daemon stops", StopAsync),
        ];

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_daemon is not null)
        {
            await _daemon.DisposeAsync();
        }

        if (_swarm is not null)
        {
            await _swarm.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private Uri DavRoot => new($"http://127.0.0.1:{_daemon!.WebDavPort}/");

    private Uri WebRoot => new($"http://127.0.0.1:{_daemon!.WebPort}/");

    private async Task<string> StartSwarmAsync(CancellationToken cancellationToken)
    {
        _swarm = await LabSwarm.StartAsync(new LabSwarmOptions { Content = _content, Seeders = 2 }, cancellationToken);
        return $"{_content.Files.Count} files, {_content.Length >> 20} MiB, {_swarm.Torrent.Info.Layout.PieceCount} pieces";
    }

    private async Task<string> StartDaemonAsync(CancellationToken cancellationToken)
    {
        var yaml = $"""
            http: {"{"}port: 0, ip: 127.0.0.1{"}"}
            webdav: {"{"}port: 0, ip: 127.0.0.1, user: selftest, pass: "{_password}"{"}"}
            torrent:
              metadata_folder: '{Path.Combine(_folder, "metadata").Replace("'", "''", StringComparison.Ordinal)}'
              listen_port: 0
              bind_address: 127.0.0.1
              disable_upnp: true
              disable_dht: true
              disable_lsd: true
              global_cache_size: 256
            log: {"{"}console: false, path: ""{"}"}
            """;
        var configured = ConfigurationReader.ReadText("selftest", Encoding.UTF8.GetBytes(yaml));
        if (configured.Report.HasMistakes)
        {
            throw new InvalidDataException(configured.Report.ToString());
        }

        _daemon = Daemon.Build(configured);
        await _daemon.StartAsync(cancellationToken);
        return $"WebDAV {_daemon.WebDavPort}, API {_daemon.WebPort}";
    }

    private async Task<string> PostAsync(CancellationToken cancellationToken)
    {
        var address = new Uri(WebRoot, $"api/routes/{Route}/torrent");
        var text = new JsonObject { ["magnet"] = _swarm!.Magnet }.ToJsonString();
        using var body = new StringContent(text, Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(address, body, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        Require(response.IsSuccessStatusCode && answer == "null", $"the API answered {(int)response.StatusCode} {answer}");
        return "metadata came from the swarm";
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        await ListAsync(new Uri(DavRoot, Route + "/"), found, 0, cancellationToken);
        for (var i = 0; i < _content.Files.Count; i++)
        {
            var path = AddressOf(DavRoot, i).AbsolutePath;
            Require(found.TryGetValue(path, out var length) && length == _content.Files[i].Length, $"{path} is not listed with its length");
        }

        return $"{found.Count} files with their lengths";
    }

    private async Task ListAsync(Uri folder, Dictionary<string, long> found, int depth, CancellationToken cancellationToken)
    {
        Require(depth < 8, "the tree has no end");
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), folder);
        request.Headers.Add("Depth", "1");
        using var response = await _client.SendAsync(request, cancellationToken);
        Require((int)response.StatusCode == 207, $"PROPFIND of {folder.AbsolutePath} answered {(int)response.StatusCode}");
        var document = XDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        foreach (var item in document.Descendants(Dav + "response"))
        {
            var address = new Uri(folder, item.Element(Dav + "href")!.Value);
            if (address == folder)
            {
                continue;
            }

            if (item.Descendants(Dav + "collection").Any())
            {
                await ListAsync(address, found, depth + 1, cancellationToken);
            }
            else
            {
                found[address.AbsolutePath] = long.Parse(
                    item.Descendants(Dav + "getcontentlength").First().Value,
                    CultureInfo.InvariantCulture
                );
            }
        }
    }

    private async Task<string> FirstBytesAsync(CancellationToken cancellationToken)
    {
        await CompareAsync(DavRoot, 0, 0, 64 * 1024, cancellationToken);
        return "true bytes";
    }

    private async Task<string> RandomReadsAsync(CancellationToken cancellationToken)
    {
        var random = new Random(4711);
        var times = new List<double>();
        for (var i = 0; i < Reads; i++)
        {
            var file = random.Next(_content.Files.Count);
            var length = (int)Math.Min(random.Next(1, Chunk), _content.Files[file].Length);
            var offset = random.NextInt64(_content.Files[file].Length - length + 1);
            var start = TimeProvider.System.GetTimestamp();
            await CompareAsync(DavRoot, file, offset, length, cancellationToken);
            times.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return $"{Reads} ranges true, median {times[times.Count / 2]:0} ms, slowest {times[^1]:0} ms";
    }

    private async Task<string> WholeFilesAsync(CancellationToken cancellationToken)
    {
        return await CompareAllAsync(DavRoot, cancellationToken);
    }

    private async Task<string> WarmAsync(CancellationToken cancellationToken)
    {
        return await CompareAllAsync(new Uri(WebRoot, "fs/"), cancellationToken);
    }

    private async Task<string> StopAsync(CancellationToken cancellationToken)
    {
        await _daemon!.StopAsync(cancellationToken);
        return "swarms and tracker were told";
    }

    private async Task<string> CompareAllAsync(Uri root, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var file = 0; file < _content.Files.Count; file++)
        {
            using var response = await _client.GetAsync(AddressOf(root, file), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            Require(
                response.Content.Headers.ContentLength == _content.Files[file].Length,
                $"{_content.Files[file].Path}: wrong Content-Length"
            );
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[Chunk];
            long at = 0;
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                Require(_content.Matches(file, at, buffer.AsSpan(0, read)), $"{_content.Files[file].Path}: wrong bytes near {at}");
                at += read;
            }

            Require(at == _content.Files[file].Length, $"{_content.Files[file].Path}: ended after {at} bytes");
        }

        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        return $"{_content.Length} bytes true, {_content.Length / seconds / (1 << 20):0} MiB/s";
    }

    private async Task CompareAsync(Uri root, int file, long offset, int length, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressOf(root, file));
        request.Headers.Range = new RangeHeaderValue(offset, offset + length - 1);
        using var response = await _client.SendAsync(request, cancellationToken);
        Require((int)response.StatusCode == 206, $"GET of a range answered {(int)response.StatusCode}");
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var isTrue = bytes.Length == length && _content.Matches(file, offset, bytes);
        Require(isTrue, $"{_content.Files[file].Path}: wrong bytes in {length} from {offset}");
    }

    private Uri AddressOf(Uri root, int file)
    {
        var segments = new[] { Route, _content.Name }.Concat(_content.Files[file].Path.Split('/'));
        return new Uri(root, string.Join('/', segments.Select(Uri.EscapeDataString)));
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidDataException(otherwise);
        }
    }
}
