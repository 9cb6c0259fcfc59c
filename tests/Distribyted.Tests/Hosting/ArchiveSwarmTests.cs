using System.Diagnostics;
using System.Formats.Tar;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Distribyted.Archives.Tests.Tar;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.Archives.Tests.Zip;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.Tests.Hosting;

/// <summary>Stored films in archives of every kind, read from a swarm through both listeners, and what that fetches.</summary>
[CancelAfter(180_000)]
internal sealed class ArchiveSwarmTests
{
    private const int PieceLength = 2 * 1024 * 1024;
    private const long Large = (5L << 30) + 5;

    private static readonly Dictionary<string, byte[]> Files = new(StringComparer.Ordinal)
    {
        ["a/film.mkv"] = RandomBytes(6_000_000, seed: 1),
        ["other.mkv"] = RandomBytes(1_234_567, seed: 2),
    };

    [TestCase("zip", "set.zip!")]
    [TestCase("tar", "set.tar!")]
    [TestCase("7z", "set.7z!")]
    [TestCase("iso", "set.iso!")]
    [TestCase("rar4", "set.rar!")]
    [TestCase("rar5", "set.part01.rar!")]
    public async Task Eight_readers_at_random_places_get_what_was_packed(string kind, string folder, CancellationToken cancellationToken)
    {
        await using var shared = new SharedArchives("set", Pack(kind), pieceLength: 64 * 1024);
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        await shared.AddAsync(bed, "films", cancellationToken);
        var seed = Environment.TickCount;
        var before = Environment.WorkingSet;
        var most = before;

        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async reader =>
                {
                    var random = new Random(seed + reader);
                    for (var i = 0; i < 20; i++)
                    {
                        var (name, content) = Files.ElementAt(random.Next(Files.Count));
                        var start = random.Next(content.Length);
                        var length = random.Next(1, Math.Min(300_000, content.Length - start) + 1);
                        var root = random.Next(2) == 0 ? bed.Dav : new Uri(bed.Web, "fs/");
                        var bytes = await GetAsync(bed, new Uri(root, $"films/set/{folder}/{name}"), start, length, cancellationToken);
                        Assert.That(bytes.AsSpan().SequenceEqual(content.AsSpan(start, length)), $"seed {seed}: {name} {start}+{length}");
                        most = Math.Max(most, Environment.WorkingSet);
                    }
                })
        );

        foreach (var (name, content) in Files)
        {
            foreach (var root in (Uri[])[bed.Dav, new Uri(bed.Web, "fs/")])
            {
                var whole = await bed.Client.GetByteArrayAsync(new Uri(root, $"films/set/{folder}/{name}"), cancellationToken);
                Assert.That(whole.AsSpan().SequenceEqual(content), $"{root}{name}");
            }
        }

        TestContext.Out.WriteLine($"{kind}: memory {before >> 20} MiB before, {most >> 20} MiB at most");
        Assert.That(most - before, Is.LessThan(200 << 20));
    }

    [TestCase("zip", "film.zip!")]
    [TestCase("tar", "film.tar!")]
    [TestCase("7z", "film.7z!")]
    [TestCase("rar4", "film.rar!")]
    [TestCase("rar5", "film.part01.rar!")]
    public async Task Five_gigabytes_are_listed_with_under_one_percent_and_sought_with_under_three_pieces(
        string kind,
        string folder,
        CancellationToken cancellationToken
    )
    {
        await using var shared = new SharedArchives("set", StoredArchives.Of(kind, Large), PieceLength);
        await using var bed = await DaemonBed.StartAsync(cancellationToken: cancellationToken);
        await shared.AddAsync(bed, "films", cancellationToken);
        var film = new Uri(bed.Dav, $"films/set/{folder}/film.mkv");

        using var head = new HttpRequestMessage(HttpMethod.Head, film); // waits for the list
        using var answer = await bed.Client.SendAsync(head, cancellationToken);
        var listed = (long)shared.Fetched * PieceLength;
        Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(Large));
        var middle = await GetAsync(bed, film, Large / 2, 100_000, cancellationToken);
        var sought = shared.Fetched - (int)(listed / PieceLength);
        var end = await GetAsync(bed, new Uri(bed.Web, $"fs/films/set/{folder}/film.mkv"), Large - 1000, 1000, cancellationToken);

        TestContext.Out.WriteLine(
            $"{kind}: {listed} bytes in {listed / PieceLength} pieces to list {shared.Length} bytes ({100.0 * listed / shared.Length:F2} %), {sought} pieces to seek"
        );
        Assert.That(listed, Is.LessThan(shared.Length / 100));
        Assert.That(sought, Is.LessThan(3));
        Assert.That(middle.AsSpan().SequenceEqual(shared.Film(Large / 2, 100_000)));
        Assert.That(end.AsSpan().SequenceEqual(shared.Film(Large - 1000, 1000)));
    }

    [Test]
    public async Task A_thousand_torrents_with_three_thousand_archives_are_listed_as_quickly_as_without(CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        await using var tracker = LabTracker.Start();
        WriteTorrents(folder.Make("torrents"), tracker.HttpUrl);
        var routes = $"routes:\n  - name: films\n    torrent_folder: {folder.At("torrents")}";
        await using var on = await DaemonBed.StartAsync(routes, cancellationToken: cancellationToken);
        await using var off = await DaemonBed.StartAsync("archives: {mode: off}\n" + routes, cancellationToken: cancellationToken);
        foreach (var bed in (DaemonBed[])[on, off])
        {
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (await EntriesAsync(bed, "films/", cancellationToken) < 1001)
            {
                await tick.WaitForNextTickAsync(cancellationToken);
            }
        }

        var times = new Dictionary<DaemonBed, List<double>> { [on] = [], [off] = [] };
        for (var round = 0; round < 8; round++)
        {
            foreach (var bed in (DaemonBed[])[on, off])
            {
                var clock = Stopwatch.StartNew();
                var entries = await EntriesAsync(bed, "films/", cancellationToken);
                for (var torrent = 0; torrent < 1000; torrent++)
                {
                    entries += await EntriesAsync(bed, $"films/t{torrent}/", cancellationToken);
                }

                times[bed].Add(clock.Elapsed.TotalMilliseconds);
                Assert.That(entries, Is.EqualTo(1001 + (bed == on ? 8000 : 5000)));
            }
        }

        TestContext.Out.WriteLine(
            $"1,001 listings in ms: {string.Join(' ', times[on].Select(t => $"{t:F0}"))} with archives, {string.Join(' ', times[off].Select(t => $"{t:F0}"))} without"
        );
        Assert.That(tracker.Announces, Is.Empty, "no torrent was woken: nothing can have been fetched");
        Assert.That(times[on].Min(), Is.LessThan(times[off].Min() * 2));
    }

    // Three archives and a text in each; no peer has any byte of them.
    private static void WriteTorrents(string folder, string tracker)
    {
        for (var i = 0; i < 1000; i++)
        {
            var hash = SHA1.HashData(BitConverter.GetBytes(i));
            var info = TorrentInfoWriter.WriteFolder(
                $"t{i}",
                [new(["a.zip"], 4000), new(["b.part1.rar"], 4000), new(["c.7z"], 4000), new(["d.txt"], 4000)],
                16 * 1024,
                hash
            );
            using var file = File.Create(Path.Combine(folder, $"t{i}.torrent"));
            file.Write(System.Text.Encoding.UTF8.GetBytes($"d8:announce{tracker.Length}:{tracker}4:info"));
            file.Write(info.Bytes.Span);
            file.Write("e"u8);
        }
    }

    private static async Task<int> EntriesAsync(DaemonBed bed, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), new Uri(bed.Dav, path));
        request.Headers.Add("Depth", "1");
        using var answer = await bed.Client.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return text.Split("<D:response>").Length - 1;
    }

    private static async Task<byte[]> GetAsync(DaemonBed bed, Uri address, long start, int length, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Range = new RangeHeaderValue(start, start + length - 1);
        using var answer = await bed.Client.SendAsync(request, cancellationToken);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent), address.ToString());
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    private static IReadOnlyList<(string Name, byte[] Content)> Pack(string kind)
    {
        switch (kind)
        {
            case "zip":
                return [("set.zip", Zips.Make(Files))];
            case "tar":
                return [("set.tar", Tars.Make(Files, TarEntryFormat.Pax))];
            case "7z":
                return [("set.7z", Zips.MakeWith("7zz", ["a", "-mx=0", "OUT", "."], Files, ".7z"))];
            case "iso":
                return [("set.iso", Zips.MakeWith("xorriso", ["-as", "mkisofs", "-quiet", "-R", "-o", "OUT", "."], Files, ".iso"))];
            default:
                var options = new RarOptions
                {
                    Version = kind[^1] - '0',
                    VolumeLength = (Files.Values.Sum(static f => f.Length) / 50) + 400,
                    IsOldNaming = kind == "rar4",
                };
                var volumes = RarWriter.Write("set", options, [.. Files.Select(f => new RarItem(f.Key, f.Value))]);
                Assert.That(volumes, Has.Count.EqualTo(50));
                return [.. volumes.Select(static volume => (volume.Name, volume.ToArray()))];
        }
    }

    private static byte[] RandomBytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
