using System.Net.Http.Headers;
using Distribyted.Lab;

namespace Distribyted.Tests.Processes;

/// <summary>One client that changes routes of its own through the mount and the API, one request after the other, and knows what must be there afterwards.</summary>
internal sealed class LibraryWriter
{
    private readonly string _prefix;
    private readonly Random _random;
    private readonly Dictionary<string, (byte[] Bytes, string Name, string Hash)> _torrents = new(StringComparer.Ordinal);
    private int _uploads;

    public LibraryWriter(int number, int seed)
    {
        _prefix = $"w{number}-";
        _random = new Random(seed + number);
        for (var i = 0; i < 8; i++)
        {
            var name = $"Torrent {number}.{i}";
            var content = LabContent.Folder(
                name,
                [new LabFile("a.mkv", 100_000 + i), new LabFile("b/c.srt", 10)],
                (ulong)((number * 100) + i + 1)
            );
            var metainfo = content.CreateTorrent(16 << 10);
            var hash = metainfo.Info.InfoHash.ToString();
            _torrents.Add(hash, (metainfo.Write(), name, hash));
        }
    }

    /// <summary>What was acknowledged.</summary>
    public LibraryState Known { get; private set; } = LibraryState.Empty;

    /// <summary>What would be there if the request that was cut had been done; null: none was cut.</summary>
    public LibraryState? Perhaps { get; private set; }

    /// <summary>What the cut request was, for a message.</summary>
    public string LastRequest { get; private set; } = "";

    /// <summary>Requests that were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    public bool Owns(string route)
    {
        return route.StartsWith(_prefix, StringComparison.Ordinal);
    }

    /// <summary>Takes over what is really there after a restart; it is what was acknowledged, with or without the request that was cut.</summary>
    public void Settle(LibraryState actual)
    {
        var mine = new LibraryState(actual.Routes.RemoveRange(actual.Routes.Keys.Where(r => !Owns(r))));
        var seen = mine.ToString();
        Assert.That(
            seen,
            Is.EqualTo(Known.ToString()).Or.EqualTo((Perhaps ?? Known).ToString()),
            $"The last request was {LastRequest}; before it:\n{Known}\nafter it:\n{Perhaps}"
        );
        Known = mine;
        Perhaps = null;
    }

    /// <summary>Makes requests until one is cut.</summary>
    /// <param name="daemon">Whom to ask.</param>
    /// <param name="started">Told before each request is sent.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    public async Task RunAsync(DaemonProcess daemon, Action started, CancellationToken cancellationToken)
    {
        using var client = DaemonProcess.Client();
        while (true)
        {
            var (request, status, after) = Choose(daemon);
            using (request)
            {
                LastRequest = $"{request.Method} {request.RequestUri!.PathAndQuery} -> {request.Headers.GetValuesOrNone("Destination")}";
                Perhaps = after;
                started();
                try
                {
                    using var response = await client.SendAsync(request, cancellationToken);
                    var body = await response.Content.ReadAsStringAsync(cancellationToken);
                    Assert.That((int)response.StatusCode, Is.EqualTo(status), $"{LastRequest}\n{body}\nwith\n{Known}");
                }
                catch (Exception exception) when (exception is HttpRequestException or IOException)
                {
                    return; // cut: it may be done or not
                }

                Known = after;
                Perhaps = null;
                Acknowledged++;
            }
        }
    }

    // A request that has to succeed, its status, and what is there then.
    private (HttpRequestMessage Request, int Status, LibraryState After) Choose(DaemonProcess daemon)
    {
        while (true)
        {
            if (Try(_random.Next(9), daemon) is { } choice)
            {
                return choice;
            }
        }
    }

    private (HttpRequestMessage Request, int Status, LibraryState After)? Try(int kind, DaemonProcess daemon)
    {
        var routes = Known.Routes.Keys.ToArray();
        var all = Known.Torrents.ToArray();
        var route = routes.Length == 0 ? null : routes[_random.Next(routes.Length)];
        var free = _prefix + _random.Next(6);
        var isFree = !Known.Routes.ContainsKey(free);
        var missing = _torrents
            .Values.Where(t => route is not null && !Known.Routes[route].ContainsValue(t.Hash) && !Known.Routes[route].ContainsKey(t.Name))
            .ToArray();
        var one = all.Length == 0 ? default : all[_random.Next(all.Length)];
        switch (kind)
        {
            case 0 when isFree:
                return (Dav("MKCOL", daemon, free + "/"), 201, Known.WithRoute(free));
            case 1 when missing.Length > 0:
                var put = missing[_random.Next(missing.Length)];
                var upload = Dav("PUT", daemon, $"{route}/upload {++_uploads}.torrent");
                upload.Content = new ByteArrayContent(put.Bytes);
                return (upload, 201, Known.With(route!, put.Name, put.Hash));
            case 2 when missing.Length > 0:
                var post = missing[_random.Next(missing.Length)];
                var added = new HttpRequestMessage(HttpMethod.Post, new Uri(daemon.Web, $"api/routes/{route}/torrent"));
                added.Content = new ByteArrayContent(post.Bytes);
                added.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-bittorrent");
                return (added, 200, Known.With(route!, post.Name, post.Hash));
            case 3 when all.Length > 3:
                return (Dav("DELETE", daemon, $"{one.Route}/{one.Name}/"), 204, Known.Without(one.Route, one.Name));
            case 4 when all.Length > 3:
                var gone = new HttpRequestMessage(HttpMethod.Delete, new Uri(daemon.Web, $"api/routes/{one.Route}/torrent/{one.Hash}"));
                return (gone, 200, Known.Without(one.Route, one.Name));
            case 5 when all.Length > 0: // rename
                var name = $"Name {_random.Next(100_000)}";
                return (
                    Dav("MOVE", daemon, $"{one.Route}/{one.Name}/", $"{one.Route}/{name}/"),
                    201,
                    Known.Without(one.Route, one.Name).With(one.Route, name, one.Hash)
                );
            case 6 or 7 when all.Length > 0 && IsFreeFor(route!, one): // move or copy to another route
                var after = Known.With(route!, one.Name, one.Hash);
                return kind == 6
                    ? (Dav("MOVE", daemon, $"{one.Route}/{one.Name}/", $"{route}/{one.Name}/"), 201, after.Without(one.Route, one.Name))
                    : (Dav("COPY", daemon, $"{one.Route}/{one.Name}/", $"{route}/{one.Name}/"), 201, after);
            case 8 when route is not null && isFree:
                return Known.Routes[route].IsEmpty && _random.Next(2) == 0
                    ? (Dav("DELETE", daemon, route + "/"), 204, Known.WithoutRoute(route))
                    : (Dav("MOVE", daemon, route + "/", free + "/"), 201, Known.Renamed(route, free));
            default:
                return null;
        }
    }

    private bool IsFreeFor(string route, (string Route, string Name, string Hash) torrent)
    {
        var there = Known.Routes[route];
        return route != torrent.Route && !there.ContainsKey(torrent.Name) && !there.ContainsValue(torrent.Hash);
    }

    private static HttpRequestMessage Dav(string method, DaemonProcess daemon, string path, string? destination = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(daemon.Dav, path));
        if (destination is not null)
        {
            request.Headers.Add("Destination", new Uri(daemon.Dav, destination).AbsoluteUri);
            request.Headers.Add("Overwrite", "F");
        }

        return request;
    }
}

internal static class HeaderExtensions
{
    public static string GetValuesOrNone(this HttpRequestHeaders headers, string name)
    {
        return headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "nowhere";
    }
}
