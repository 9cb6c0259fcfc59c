using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Xml.Linq;
using Distribyted.Lab;

namespace Distribyted.Training;

/// <summary>What a user does first: adds a magnet, looks at the folder, plays.</summary>
internal sealed class FirstFilm(PublishedDaemon daemon, LabSwarm swarm)
{
    public const string Route = "films";

    private static readonly XNamespace Dav = "DAV:";

    /// <summary>The film over WebDAV.</summary>
    public Uri Film => AddressOf(daemon.Dav, 0);

    /// <summary>A swarm of two seeders with a film, another one and a text.</summary>
    public static Task<LabSwarm> StartSwarmAsync(CancellationToken cancellationToken)
    {
        LabFile[] files = [new("film.mkv", (24 << 20) + 4321), new("extras/making of.mp4", (6 << 20) + 17), new("film.srt", 61_007)];
        var content = LabContent.Folder("A film", files, seed: 16);
        return LabSwarm.StartAsync(new LabSwarmOptions { Content = content, PieceLength = 1 << 20 }, cancellationToken);
    }

    /// <summary>From the magnet to the first MiB, compared.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        using (var routes = await daemon.Basic.GetAsync(new Uri(daemon.Web, "api/routes"), cancellationToken))
        {
            routes.EnsureSuccessStatusCode();
        }

        var magnet = new Dictionary<string, string>(StringComparer.Ordinal) { ["magnet"] = swarm.Magnet };
        using (var body = JsonContent.Create(magnet))
        using (var added = await daemon.Basic.PostAsync(new Uri(daemon.Web, $"api/routes/{Route}/torrent"), body, cancellationToken))
        {
            added.EnsureSuccessStatusCode();
        }

        await ListAsync(new Uri(daemon.Dav, Route + "/"), cancellationToken);
        await ReadAsync(daemon.Basic, Film, 0, 0, 1 << 20, cancellationToken);
    }

    /// <summary>Lists a folder and those in it.</summary>
    public async Task ListAsync(Uri folder, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), folder) { Headers = { { "Depth", "1" } } };
        using var response = await daemon.Basic.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        var document = XDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        foreach (var item in document.Descendants(Dav + "response").Where(static r => r.Descendants(Dav + "collection").Any()))
        {
            var address = new Uri(folder, item.Element(Dav + "href")!.Value);
            if (address != folder)
            {
                await ListAsync(address, cancellationToken);
            }
        }
    }

    /// <summary>Reads a range of a file and compares it.</summary>
    public async Task ReadAsync(HttpClient client, Uri address, int file, long offset, int length, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Range = new RangeHeaderValue(offset, offset + length - 1);
        using var response = await client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (bytes.Length != length || !swarm.Content.Matches(file, offset, bytes))
        {
            throw new InvalidDataException($"{address} has other bytes at {offset}.");
        }
    }

    /// <summary>A file below WebDAV or below <c>/fs</c>.</summary>
    public Uri AddressOf(Uri root, int file)
    {
        var segments = new[] { Route, swarm.Content.Name }.Concat(swarm.Content.Files[file].Path.Split('/'));
        return new Uri(root, string.Join('/', segments.Select(Uri.EscapeDataString)));
    }
}
