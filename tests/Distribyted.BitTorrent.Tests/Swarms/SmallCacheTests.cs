using Distribyted.BitTorrent.Torrents;
using Distribyted.Lab;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Many readers of many torrents in a cache that is too small for all of them.</summary>
internal sealed class SmallCacheTests
{
    private const int Others = 6;
    private const int ReadersOfEach = 3;

    [Test, CancelAfter(120_000)]
    public async Task A_reader_of_long_pieces_gets_its_turn_among_readers_of_short_ones(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            LabContent.File("long.mkv", 64L << 20),
            16 << 20,
            cancellationToken,
            o =>
            {
                o.Cache.Size = 64L << 20;
                o.Cache.PieceMemory = 64L << 20;
                o.Swarm.ReadTimeout = TimeSpan.FromSeconds(20);
            }
        );
        var others = new List<SwarmBed>();
        try
        {
            for (var i = 0; i < Others; i++)
            {
                var content = LabContent.File($"short{i}.mkv", 128L << 20);
                others.Add(await SwarmBed.StartAsync(content, 2 << 20, cancellationToken));
            }

            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var turns = new int[Others * ReadersOfEach];
            var crowd = turns.Select((_, i) => ReadForEverAsync(bed, others[i / ReadersOfEach], i, turns, over.Token)).ToList();
            var torrent = await AddAsync(bed, bed, cancellationToken);

            await bed.ReadAndCompareAsync(torrent, 0, 40 << 20, cancellationToken);

            await bed.WaitForAsync(
                () => Array.TrueForAll(turns, static t => t > 0) || crowd.Exists(static c => c.IsCompleted),
                cancellationToken
            );
            await over.CancelAsync();
            await Task.WhenAll(crowd);
        }
        finally
        {
            foreach (var other in others)
            {
                await other.DisposeAsync();
            }
        }
    }

    /// <summary>Reads here and there until it is cancelled, and counts how often.</summary>
    private static async Task ReadForEverAsync(SwarmBed bed, SwarmBed other, int reader, int[] turns, CancellationToken cancellationToken)
    {
        const int length = 6 << 20;
        var random = new Random(reader);
        try
        {
            var torrent = await AddAsync(bed, other, cancellationToken);
            while (true)
            {
                await other.ReadAndCompareAsync(torrent, random.NextInt64(other.Content.Length - length), length, cancellationToken);
                Interlocked.Increment(ref turns[reader]);
            }
        }
        catch (OperationCanceledException)
        {
            // the other readers have what they wanted
        }
    }

    private static Task<Torrent> AddAsync(SwarmBed bed, SwarmBed other, CancellationToken cancellationToken)
    {
        var seeder = other.AddPeer(PeerHabit.Honest);
        return bed.Session.AddAsync(
            new TorrentSource(
                other.Info.InfoHash,
                null,
                [],
                [seeder.EndPoint],
                new Protocol.Metainfo.MetainfoFile(other.Info, [], [], null, null)
            ),
            cancellationToken
        );
    }
}
