using Distribyted.Lab;

namespace Distribyted.Training;

/// <summary>What users and their programs do besides the first film, so that this is compiled beforehand too: other clients, seeks, pages, a restart.</summary>
internal sealed class UsageScenario(string published, LabSwarm swarm, CodeUse code)
{
    private const int Seeks = 40;

    /// <summary>Runs it.</summary>
    public async Task<Usage> RunAsync(CancellationToken cancellationToken)
    {
        List<CompiledMethod> compiled = [];
        HashSet<string> assemblies = new(StringComparer.Ordinal);
        var folder = Directory.CreateTempSubdirectory("distribyted-training-").FullName;
        try
        {
            await using (var first = await PublishedDaemon.StartAsync(published, folder, code, cancellationToken))
            {
                var film = new FirstFilm(first, swarm);
                await film.PlayAsync(cancellationToken);
                await LookAroundAsync(first, film, cancellationToken);
                assemblies.UnionWith(first.LoadedAssemblies());
                await first.StopAsync(cancellationToken);
                compiled.AddRange(first.Compiled());
            }

            // Started again: what was there is there again.
            await using var second = await PublishedDaemon.StartAsync(published, folder, code, cancellationToken);
            var again = new FirstFilm(second, swarm);
            await again.ListAsync(second.Dav, cancellationToken);
            await SeekAsync(second, again, cancellationToken);
            await TidyAsync(second, again, cancellationToken);
            assemblies.UnionWith(second.LoadedAssemblies());
            await second.StopAsync(cancellationToken);
            compiled.AddRange(second.Compiled());
            return new Usage(compiled, assemblies);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task LookAroundAsync(PublishedDaemon daemon, FirstFilm film, CancellationToken cancellationToken)
    {
        var torrent = $"api/v1/torrents/{swarm.Torrent.Info.InfoHash}";
        // Not the pages of the dashboard: with Blazor compiled whole, the image is 10 MB larger and each start takes 0.05 s more of CPU.
        string[] pages =
        [
            "health",
            "fs/",
            "fs/films/",
            "fs/films/A%20film/",
            "api/routes",
            "api/status",
            "api/log?follow=false",
            "api/servers",
            "api/v1/routes",
            "api/v1/torrents?limit=10",
            torrent,
            torrent + "/files",
            torrent + "/pieces",
            torrent + "/peers",
            torrent + "/sources",
            torrent + "/torrent",
            "api/v1/readers",
            "api/v1/stalls",
            "api/v1/statistics",
            "api/v1/settings",
            "none",
        ];
        foreach (var page in pages)
        {
            using var answer = await daemon.Basic.GetAsync(new Uri(daemon.Web, page), cancellationToken);
            await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        }

        foreach (var method in new[] { HttpMethod.Options, HttpMethod.Head, HttpMethod.Get })
        {
            foreach (var address in new[] { film.AddressOf(daemon.Dav, 2), film.AddressOf(new Uri(daemon.Web, "fs/"), 2), daemon.Dav })
            {
                using var request = new HttpRequestMessage(method, address);
                using var answer = await daemon.Basic.SendAsync(request, cancellationToken);
                await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            }
        }

        // A client that signs in by Digest, and asks as Windows does.
        await film.ReadAsync(daemon.Http, film.AddressOf(daemon.Dav, 1), 1, 1000, 200_000, cancellationToken);
        using var body = new StringContent(
            """<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getcontentlength/><getlastmodified/><resourcetype/><quota-available-bytes/></prop></propfind>"""
        );
        using var properties = new HttpRequestMessage(new HttpMethod("PROPFIND"), daemon.Dav)
        {
            Content = body,
            Headers = { { "Depth", "0" } },
        };
        using var found = await daemon.Http.SendAsync(properties, cancellationToken);
        found.EnsureSuccessStatusCode();

        using var whole = await daemon.Basic.GetAsync(film.Film, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await whole.Content.ReadAsStreamAsync(cancellationToken);
        await stream.CopyToAsync(Stream.Null, cancellationToken);
    }

    private async Task SeekAsync(PublishedDaemon daemon, FirstFilm film, CancellationToken cancellationToken)
    {
        var random = new Random(16);
        var root = new Uri(daemon.Web, "fs/");
        for (var i = 0; i < Seeks; i++)
        {
            var offset = random.NextInt64(swarm.Content.Files[0].Length - (1 << 18));
            await film.ReadAsync(daemon.Basic, film.AddressOf(i % 2 == 0 ? root : daemon.Dav, 0), 0, offset, 1 << 18, cancellationToken);
        }
    }

    private async Task TidyAsync(PublishedDaemon daemon, FirstFilm film, CancellationToken cancellationToken)
    {
        // A torrent comes as a file, is renamed, and goes.
        using var torrent = new ByteArrayContent(swarm.Torrent.Write());
        using var put = await daemon.Basic.PutAsync(new Uri(daemon.Dav, "other/film.torrent"), torrent, cancellationToken);
        using var list = await daemon.Basic.GetAsync(new Uri(daemon.Web, "api/routes"), cancellationToken);
        using var move = new HttpRequestMessage(new HttpMethod("MOVE"), new Uri(daemon.Dav, "films/A%20film/"));
        move.Headers.Add("Destination", new Uri(daemon.Dav, "films/Renamed/").AbsoluteUri);
        using var moved = await daemon.Basic.SendAsync(move, cancellationToken);
        using var gone = await daemon.Basic.DeleteAsync(
            new Uri(daemon.Web, $"api/routes/films/torrent/{swarm.Torrent.Info.InfoHash}"),
            cancellationToken
        );
        await film.ListAsync(new Uri(daemon.Dav, "films/"), cancellationToken);
    }
}
