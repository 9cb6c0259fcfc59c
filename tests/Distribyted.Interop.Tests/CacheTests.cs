using System.Globalization;
using Distribyted.Interop.Tests.Support;

namespace Distribyted.Interop.Tests;

/// <summary>The limits of the cache, seen from outside the process while it works.</summary>
internal sealed class CacheTests
{
    private const long MiB = 1 << 20;

    [Test, CancelAfter(120_000)]
    public async Task Sixteen_readers_of_a_torrent_four_times_the_cache_get_exact_bytes_within_the_limits(
        CancellationToken cancellationToken
    )
    {
        Tracker.Need();
        Programs.Need("transmission-create");
        Programs.NeedLibtorrent();
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var content = await Content.MakeAsync(
            folder,
            "big.bin",
            new Dictionary<string, long>(StringComparer.Ordinal) { [""] = 256 * MiB },
            1024,
            tracker.Http,
            cancellationToken
        );
        await tracker.StartAsync(content, cancellationToken);
        await using var seeder = await Peers.LibtorrentAsync(content.Torrent, content.Folder, cancellationToken);
        await tracker.KnowsASeederAsync(content, cancellationToken);
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            torrent: """
            global_cache_size: 64
            piece_memory: 32
            hot_cache: 32
            """
        );
        await daemon.AddAsync("multimedia", content.Magnet, cancellationToken);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sampling = SampleAsync(daemon, done.Token);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(reader => ReadAtRandomAsync(daemon, content, reader, cancellationToken)));
        await done.CancelAsync();
        var (cache, memory) = await sampling;

        await TestContext.Out.WriteLineAsync($"largest cache folder {cache / MiB} MiB, largest RSS {memory / MiB} MiB");
        Assert.Multiple(() =>
        {
            Assert.That(cache, Is.GreaterThan(0).And.LessThanOrEqualTo(64 * MiB));
            Assert.That(memory, Is.GreaterThan(0).And.LessThan((32 + 32 + 200) * MiB));
        });
    }

    [Test, CancelAfter(600_000)]
    public async Task Killed_at_any_moment_it_keeps_routes_torrents_and_every_stored_piece(CancellationToken cancellationToken)
    {
        Tracker.Need();
        Programs.Need("transmission-create");
        Programs.NeedLibtorrent();
        var rounds = Environment.GetEnvironmentVariable("DISTRIBYTED_TESTS_LONG") == "1" ? 50 : 8;
        using var folder = new TempFolder();
        await using var tracker = new Tracker();
        var content = await Content.MakeAsync(
            folder,
            "film.mkv",
            new Dictionary<string, long>(StringComparer.Ordinal) { [""] = 192 * MiB },
            256,
            tracker.Http,
            cancellationToken
        );
        await tracker.StartAsync(content, cancellationToken);
        await using var seeder = await Peers.LibtorrentAsync(content.Torrent, content.Folder, cancellationToken);
        await tracker.KnowsASeederAsync(content, cancellationToken);
        await using var daemon = await Daemon.StartAsync(
            folder,
            cancellationToken,
            torrent: "global_cache_size: 512\ndownload_rate_limit: 40000000"
        );
        await daemon.AddAsync("multimedia", content.Magnet, cancellationToken);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await TestContext.Out.WriteLineAsync($"seed {seed}");
        for (var round = 0; round < rounds; round++)
        {
            using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var reader = ReadUntilKilledAsync(daemon, content, random.Next(0, 190) * MiB, reading.Token);
            var wanted = random.Next(1, 12);
            var stored = await StoredAsync(daemon, cancellationToken);
            var target = Math.Min(stored.Count(static s => s) + wanted, stored.Length);
            await Daemon.WaitForAsync(
                async () =>
                {
                    stored = await StoredAsync(daemon, cancellationToken);
                    return stored.Count(static s => s) >= target || reader.IsCompleted;
                },
                "some pieces are stored",
                cancellationToken
            );

            await daemon.KillAsync();
            await reading.CancelAsync();
            await reader;
            await daemon.StartAsync(cancellationToken);

            var after = await StoredAsync(daemon, cancellationToken);
            for (var piece = 0; piece < stored.Length; piece++)
            {
                Assert.That(after[piece] || !stored[piece], Is.True, $"round {round}: piece {piece} was stored and is gone");
            }
        }

        // A bit flipped while stopped is found, whether the end was clean or not.
        foreach (var clean in new[] { false, true })
        {
            if (clean)
            {
                Assert.That(await daemon.StopAsync(cancellationToken), Is.LessThan(TimeSpan.FromSeconds(5)));
            }
            else
            {
                await daemon.KillAsync();
            }

            FlipBits(daemon.CacheFolder, random);
            await daemon.StartAsync(cancellationToken);
            var bytes = await daemon.ReadAsync("/multimedia/film.mkv", null, null, cancellationToken);
            var original = await File.ReadAllBytesAsync(content.Root, cancellationToken);
            Assert.That(bytes.AsSpan().SequenceEqual(original), Is.True, $"clean stop: {clean}");
        }
    }

    private static void FlipBits(string folder, Random random)
    {
        var flipped = 0;
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length > MiB))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
            for (var i = 0; i < 20; i++)
            {
                stream.Position = random.NextInt64(64 * 1024, stream.Length);
                var value = stream.ReadByte();
                stream.Position--;
                stream.WriteByte((byte)(value ^ 0x10));
                flipped++;
            }
        }

        Assert.That(flipped, Is.GreaterThan(0));
    }

    private static async Task<bool[]> StoredAsync(Daemon daemon, CancellationToken cancellationToken)
    {
        var routes = await daemon.RoutesAsync(cancellationToken);
        var route = routes.EnumerateArray().Single(r => r.GetProperty("name").GetString() == "multimedia");
        var torrent = route.GetProperty("torrentStats").EnumerateArray().Single();
        var pieces = new List<bool>();
        foreach (var run in torrent.GetProperty("pieceChunks").EnumerateArray())
        {
            pieces.AddRange(Enumerable.Repeat(run.GetProperty("status").GetString() == "C", run.GetProperty("numPieces").GetInt32()));
        }

        Assert.That(pieces, Has.Count.EqualTo(torrent.GetProperty("totalPieces").GetInt32()));
        return [.. pieces];
    }

    private static async Task ReadUntilKilledAsync(Daemon daemon, Content content, long from, CancellationToken cancellationToken)
    {
        try
        {
            await daemon.ReadAsync($"/multimedia/{content.Name}", from, null, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            TestContext.Out.WriteLine($"reader: {e.Message}"); // that is what a kill looks like
        }
    }

    private static async Task ReadAtRandomAsync(Daemon daemon, Content content, int reader, CancellationToken cancellationToken)
    {
        var random = new Random(reader);
        using var original = File.OpenHandle(content.Root);
        var length = RandomAccess.GetLength(original);
        for (var round = 0; round < 6; round++)
        {
            var from = random.NextInt64(0, length - 1);
            var to = Math.Min(length, from + random.Next(1, (int)(4 * MiB))) - 1;
            var bytes = await daemon.ReadAsync($"/multimedia/{content.Name}", from, to, cancellationToken);
            var expected = new byte[to - from + 1];
            RandomAccess.Read(original, expected, from);
            Assert.That(bytes.AsSpan().SequenceEqual(expected), Is.True, $"reader {reader}, bytes {from} to {to}");
        }
    }

    private static async Task<(long Cache, long Memory)> SampleAsync(Daemon daemon, CancellationToken cancellationToken)
    {
        var (cache, memory) = (0L, 0L);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (await tick.WaitForNextTickAsync(cancellationToken))
            {
                cache = Math.Max(
                    cache,
                    new DirectoryInfo(daemon.CacheFolder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(LengthOf)
                );
                memory = Math.Max(memory, ResidentBytes(daemon.ProcessId));
            }
        }
        catch (OperationCanceledException)
        {
            return (cache, memory); // the readers are done
        }

        return (cache, memory);
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // a temporary file that was renamed meanwhile
        }
    }

    private static long ResidentBytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
