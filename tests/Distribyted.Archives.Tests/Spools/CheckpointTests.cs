using System.Collections.Concurrent;
using Distribyted.Archives.Options;
using Distribyted.Archives.Spools;
using Distribyted.Archives.Unpacking;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Tests.Spools;

/// <summary>A far seek does not begin at zero where the format allows that.</summary>
[CancelAfter(120_000)]
internal sealed class CheckpointTests
{
    private const int Length = 24_000_000;
    private const int Far = Length / 10 * 9;

    private static readonly byte[] Film = PackedFiles.Make(Length)["film.mkv"];
    private static readonly ConcurrentDictionary<string, byte[]> Archives = new();

    /// <summary>What was passed once is reached again from a checkpoint; no spool has it any more.</summary>
    [TestCase("zip .NET")]
    [TestCase("tar.gz")]
    [TestCase("tgz members")]
    public async Task What_was_evicted_is_reached_again_from_the_last_checkpoint(string kind, CancellationToken cancellationToken)
    {
        await using var bed = Bed(kind);
        var film = PackedArchives.FolderOf(kind) + "/film.mkv";
        await ReadAsync(bed, film, Length - 1000, cancellationToken); // passes all of it
        var before = bed.Spools.BytesDecompressed;

        foreach (var offset in (int[])[Far, 1_000_000, Length / 2, Far + 2_000_000])
        {
            await ReadAsync(bed, film, offset, cancellationToken);
            var cost = bed.Spools.BytesDecompressed - before;
            before += cost;
            Assert.That(cost, Is.LessThan(Checkpoints.LeastDistance + (3 << 20)), $"{offset}"); // and what is read ahead
        }
    }

    [TestCase("zip .NET")]
    [TestCase("tar.gz")]
    public async Task Readers_far_apart_get_what_was_packed_and_do_not_decompress_it_over_and_over(
        string kind,
        CancellationToken cancellationToken
    )
    {
        await using var bed = Bed(kind, budget: 16 << 20); // a part of 4 MiB for each reader, and one more
        var film = PackedArchives.FolderOf(kind) + "/film.mkv";
        await ReadAsync(bed, film, Length - 1000, cancellationToken);
        var before = bed.Spools.BytesDecompressed;

        await Task.WhenAll(
            Enumerable
                .Range(0, 3)
                .Select(async reader =>
                {
                    await Task.Yield();
                    var random = new Random(reader);
                    for (var i = 0; i < 10; i++)
                    {
                        await ReadAsync(bed, film, random.Next(Length - 200_000), cancellationToken);
                    }
                })
        );

        var cost = bed.Spools.BytesDecompressed - before;
        Assert.That(cost, Is.InRange(1, 30L * (Checkpoints.LeastDistance + (6 << 20))));
    }

    /// <summary>The table of the format names places that nothing has passed.</summary>
    [TestCase("txz blocks", 4 << 20)]
    [TestCase("tar.lz", (Length / 2) + (3 << 20))]
    public async Task A_far_seek_enters_where_the_format_says(string kind, int most, CancellationToken cancellationToken)
    {
        await using var bed = Bed(kind);
        var film = PackedArchives.FolderOf(kind) + "/film.mkv";
        await ReadAsync(bed, film, 0, cancellationToken); // the index of a tar is found by decompressing it
        var before = bed.Spools.BytesDecompressed;

        foreach (var offset in (int[])[Far, 1_000_000, Far + 500_000])
        {
            await ReadAsync(bed, film, offset, cancellationToken);
        }

        Assert.That(bed.Spools.BytesDecompressed - before, Is.LessThan(3 * most));
        Assert.That(await bed.ReadAsync(film, cancellationToken), Is.EqualTo(Film));
    }

    /// <summary>A cipher has a state of its own, which no checkpoint has.</summary>
    [Test]
    public async Task What_is_encrypted_begins_again_at_its_start(CancellationToken cancellationToken)
    {
        await using var bed = Bed("zip ZipCrypto");
        await ReadAsync(bed, "/set.zip!/film.mkv", Length - 1000, cancellationToken);

        foreach (var offset in (int[])[Far, 1_000_000, Length / 2])
        {
            await ReadAsync(bed, "/set.zip!/film.mkv", offset, cancellationToken);
        }
    }

    [Test]
    public async Task After_a_failure_of_the_swarm_reading_goes_on_where_it_was(CancellationToken cancellationToken)
    {
        await using var bed = Bed("zip .NET");
        const string Path = "/set.zip!/film.mkv";
        await ReadAsync(bed, Path, Far, cancellationToken);
        var before = bed.Spools.BytesDecompressed;
        bed.Below.Failure = new FileSystemException(FileSystemFailure.Unavailable, "No peer has it.");
        Assert.That(
            () => ReadAsync(bed, Path, Far + 2_000_000, cancellationToken),
            Throws.TypeOf<FileSystemException>().With.Message.Contains("No peer has it.")
        );

        bed.Below.Failure = null;
        await ReadAsync(bed, Path, Far + 2_000_000, cancellationToken);

        Assert.That(bed.Spools.BytesDecompressed - before, Is.LessThan(3_000_000 + Checkpoints.LeastDistance + (3 << 20)));
    }

    [Test]
    public void Checkpoints_are_few_and_each_place_is_found()
    {
        var checkpoints = new Checkpoints();
        for (var position = 0L; position < 10L << 30; position += 1 << 20)
        {
            if (checkpoints.IsDue(position))
            {
                checkpoints.Add(new Checkpoint(position, new State(), 0, 0));
            }
        }

        Assert.That(checkpoints.Length, Is.InRange(50, 129));
        Assert.That(checkpoints.Before(3 << 20), Is.Null);
        for (var goal = 1L << 30; goal < 10L << 30; goal += 333_333_333)
        {
            Assert.That(goal - checkpoints.Before(goal)!.Position, Is.InRange(0, 10L << 30 >> 5));
        }

        checkpoints.Name([new Checkpoint(5L << 30, new State(), null, 0)]);
        Assert.That(checkpoints.Before(5L << 30)!.Position, Is.EqualTo(5L << 30));
        checkpoints.Clear();
        Assert.That((checkpoints.Length, checkpoints.Before(4L << 30)), Is.EqualTo((0L, (Checkpoint?)null)));
    }

    private static ArchiveBed Bed(string kind, int budget = 12 << 20)
    {
        var bed = new ArchiveBed(new ArchiveOptions { Passwords = [PackedArchives.Password] }, budget: new LimitedBudget(budget));
        bed.Add("/" + PackedArchives.NameOf(kind), Archives.GetOrAdd(kind, Make));
        return bed;
    }

    private static byte[] Make(string kind)
    {
        return PackedArchives.Make(kind, new Dictionary<string, byte[]> { ["film.mkv"] = Film });
    }

    private static async Task ReadAsync(ArchiveBed bed, string path, int offset, CancellationToken cancellationToken)
    {
        await using var reader = await bed.Tree.OpenAsync(
            ArchiveBed.Path(path),
            new ReadIntent(offset, 100_000, "test"),
            cancellationToken
        );
        var buffer = new byte[Math.Min(100_000, Length - offset)];
        for (var filled = 0; filled < buffer.Length; )
        {
            var read = await reader!.ReadAsync(buffer.AsMemory(filled), offset + filled, cancellationToken);
            Assert.That(read, Is.Positive);
            filled += read;
        }

        Assert.That(buffer.AsSpan().SequenceEqual(Film.AsSpan(offset, buffer.Length)), $"{path} at {offset}");
    }

    private sealed class State : ISavedState
    {
        public int Length => 1;
    }
}
