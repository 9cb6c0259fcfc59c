using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Rar;
using Distribyted.Archives.Tests.Workshop;

namespace Distribyted.Archives.Tests.Formats.Rar;

[TestFixture(4, false)]
[TestFixture(4, true)]
[TestFixture(5, false)]
[TestFixture(5, true)]
public sealed class RarFormatTests(int version, bool isOldNaming)
{
    private readonly RarOptions _options = new() { Version = version, IsOldNaming = isOldNaming };

    [Test]
    public async Task Files_and_folders_are_listed_with_time_size_and_checksum()
    {
        var items = new[]
        {
            new RarItem("Season 1/Ünïcode файл.mkv", Noise(3000)),
            new RarItem("Season 1/空.txt", []),
            new RarItem("Season 1", 0) { IsFolder = true },
            new RarItem("read me.nfo", Noise(5)) { Modified = new DateTimeOffset(2023, 12, 31, 23, 59, 59, TimeSpan.Zero) },
        };
        var source = new TestSource(
            RarWriter.Write("film", _options with { Comment = "made by hand", RecoveryLength = 200, IsLocked = true }, items)
        );

        var index = await ReadAsync(source);

        Assert.That(index.Entries.Select(static e => e.Path), Is.EqualTo(items.Select(static i => i.Path)));
        Assert.That(index.Entries.Select(static e => e.Length), Is.EqualTo(items.Select(static i => i.Length)));
        Assert.That(index.Entries.Select(static e => e.IsFolder), Is.EqualTo(items.Select(static i => i.IsFolder)));
        Assert.That(index.Entries.Select(static e => e.Modified), Is.EqualTo(items.Select(static i => i.Modified)));
        Assert.That(index.Entries.Select(static e => e.Ordinal), Is.EqualTo(new[] { 0, 1, 2, 3 }));
        Assert.That(index.Entries[0].Crc32, Is.EqualTo(Crc32.Of(items[0].Content)));
        Assert.That(index.Entries[0].Method, Is.EqualTo("stored"));
        Assert.That(source.ContentOf(index.Entries[0]), Is.EqualTo(items[0].Content));
        Assert.That(source.ContentOf(index.Entries[3]), Is.EqualTo(items[3].Content));
        Assert.That(index.Entries[1].Ranges, Is.Empty);
        Assert.That(index, Has.Property("IsTruncated").False.And.Property("IsSolid").False);
    }

    [TestCase(1)]
    [TestCase(999)]
    [TestCase(10_000)]
    [TestCase(99_999)]
    public async Task An_entry_that_spans_volumes_is_one(int length)
    {
        var film = Noise(length);
        var items = new[] { new RarItem("a.nfo", Noise(20)), new RarItem("film.mkv", film), new RarItem("z.nfo", Noise(30)) };
        var source = new TestSource(RarWriter.Write("film", _options with { VolumeLength = 1000 }, items));

        var index = await ReadAsync(source);

        Assert.That(index.Entries.Select(static e => e.Path), Is.EqualTo(new[] { "a.nfo", "film.mkv", "z.nfo" }));
        Assert.That(index.Entries[1].Length, Is.EqualTo(length));
        Assert.That(index.Entries[1].PackedLength, Is.EqualTo(length));
        Assert.That(index.Entries[1].Crc32, Is.EqualTo(Crc32.Of(film)));
        Assert.That(source.ContentOf(index.Entries[1]), Is.EqualTo(film));
        Assert.That(source.ContentOf(index.Entries[2]), Is.EqualTo(items[2].Content));
    }

    [Test]
    public async Task Volumes_with_recovery_records_and_comments_are_read()
    {
        var film = Noise(20_000);
        var options = _options with { VolumeLength = 1500, RecoveryLength = 100, Comment = "hand made" };
        var source = new TestSource(RarWriter.Write("film", options, new RarItem("film.mkv", film)));

        var index = await ReadAsync(source);

        Assert.That(source.ContentOf(index.Entries.Single()), Is.EqualTo(film));
    }

    [Test]
    public async Task A_film_in_fifty_volumes_is_listed_with_four_reads()
    {
        const long Length = 4L << 30;
        var options = _options with { VolumeLength = (Length / 50) + 1000 };
        var source = new TestSource(RarWriter.Write("film", options, new RarItem("film.mkv", Length), new RarItem("film.nfo", Noise(900))));
        Assert.That(source.Volumes, Is.EqualTo(50));

        var index = await ReadAsync(source);

        TestContext.Out.WriteLine(
            $"{source.Reads} reads, {source.BytesRead} bytes, {source.BytesFetched} bytes of pieces of {source.PieceLength}"
        );
        Assert.That(index.Entries.Select(static e => e.Length), Is.EqualTo(new long?[] { Length, 900 }));
        Assert.That(index.Entries[0].Ranges.Sum(static r => r.Length), Is.EqualTo(Length));
        Assert.That(index.Entries[0].Ranges.Select(static r => r.Volume), Is.EqualTo(Enumerable.Range(0, 50)));
        Assert.That(source.Reads, Is.LessThanOrEqualTo(5));
        Assert.That(source.BytesFetched, Is.LessThan(Length / 100));
    }

    [Test]
    public async Task A_film_in_volumes_of_any_length_is_listed_with_few_reads([Values(50, 300)] int count, [Values] bool isEqual)
    {
        // Numbers of volumes from 128 on have two bytes in version 5.
        var random = new Random(count);
        var lengths = Enumerable.Range(0, count).Select(_ => isEqual ? 5000 : 3000 + random.Next(4000)).ToArray();
        var film = Noise(lengths.Sum() - (count * 300));
        var options = _options with { VolumeLength = 1, VolumeLengthOf = number => lengths[Math.Min(number, count - 1)] };
        var source = new TestSource(RarWriter.Write("film", options, new RarItem("film.mkv", film), new RarItem("film.nfo", Noise(900))));
        Assert.That(source.Volumes, Is.InRange(count - 20, count));

        var index = await ReadAsync(source);

        Assert.That(source.Reads, Is.LessThanOrEqualTo(6));
        Assert.That(source.ContentOf(index.Entries[0]), Is.EqualTo(film));
        Assert.That(source.ContentOf(index.Entries[1]), Is.EqualTo(Noise(900)));
    }

    [Test]
    public async Task Volumes_that_differ_inside_although_they_are_as_long_are_all_read()
    {
        // The third volume has a recovery record in place of data.
        var film = Noise(8000);
        var options = _options with { VolumeLength = 1000, RecoveryLength = 50, RecoveryIn = 2 };
        var source = new TestSource(RarWriter.Write("film", options, new RarItem("film.mkv", film)));

        var index = await ReadAsync(source);

        Assert.That(source.ContentOf(index.Entries.Single()), Is.EqualTo(film));
    }

    /// <summary>What one volume has more beside its data another has less: the sum of what their lengths say is right, and the offsets would not be.</summary>
    [Test]
    public async Task Volumes_whose_lengths_say_too_much_and_too_little_are_all_read([Values] bool hasRecovery)
    {
        var film = Noise(24_000);
        var options = hasRecovery
            ? _options with
            {
                VolumeLength = 3000,
                RecoveryLengthOf = static number =>
                    number is 2 ? 50
                    : number is 3 ? 150
                    : 100,
            }
            : _options with
            {
                VolumeLength = 1,
                // Lengths of data that take two bytes, one and three.
                VolumeLengthOf = static number =>
                    number switch
                    {
                        2 => 150,
                        3 => 18_000,
                        _ => 1000,
                    },
                AreNumbersShort = true,
            };
        var source = new TestSource(RarWriter.Write("film", options, new RarItem("film.mkv", film)));

        var index = await ReadAsync(source);

        Assert.That(source.ContentOf(index.Entries.Single()), Is.EqualTo(film));
    }

    [Test]
    public async Task An_entry_without_a_known_length_is_as_long_as_its_stored_bytes()
    {
        var content = Noise(2500);
        var source = new TestSource(
            RarWriter.Write("film", _options with { VolumeLength = 1000 }, new RarItem("pipe", content) { HidesLength = true })
        );

        var index = await ReadAsync(source);

        Assert.That(index.Entries.Single().Length, Is.EqualTo(2500));
        Assert.That(source.ContentOf(index.Entries.Single()), Is.EqualTo(content));
    }

    [Test]
    public async Task What_is_compressed_or_encrypted_has_no_ranges()
    {
        var source = new TestSource(
            RarWriter.Write(
                "film",
                _options with
                {
                    IsSolid = true,
                },
                new RarItem("small", Noise(30)) { Method = 3 },
                new RarItem("secret", Noise(32)) { IsEncrypted = true },
                new RarItem("pipe", Noise(30)) { Method = 1, HidesLength = true }
            )
        );

        var index = await ReadAsync(source);

        Assert.That(index.IsSolid, Is.True);
        Assert.That(index.Entries.Select(static e => e.Method), Is.EqualTo(new[] { "rar", "stored", "rar" }));
        Assert.That(index.Entries.Select(static e => e.IsEncrypted), Is.EqualTo(new[] { false, true, false }));
        Assert.That(index.Entries.Select(static e => e.Length), Is.EqualTo(new long?[] { 30, 32, null }));
        Assert.That(index.Entries.Select(static e => e.Ranges.Length), Is.All.Zero);
    }

    [Test]
    public async Task Links_are_left_out_and_keep_their_place_in_the_count()
    {
        var source = new TestSource(
            RarWriter.Write("film", _options, new RarItem("a", 0) { LinkTo = "/etc/passwd" }, new RarItem("b", Noise(3)))
        );

        var index = await ReadAsync(source);

        Assert.That(index.Entries.Single().Path, Is.EqualTo("b"));
        Assert.That(index.Entries.Single().Ordinal, Is.EqualTo(1));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public async Task More_entries_than_the_limit_are_left_out(int limit)
    {
        var source = new TestSource(RarWriter.Write("film", _options, new RarItem("a", 1), new RarItem("b", 1), new RarItem("c", 1)));

        var index = await ReadAsync(source, new ArchiveLimits(limit, 1 << 20, []));

        Assert.That(index.Entries, Has.Length.EqualTo(limit));
        Assert.That(index.IsTruncated, Is.True);
    }

    [Test]
    public async Task Headers_beyond_the_budget_are_refused()
    {
        var items = Enumerable.Range(0, 1000).Select(static i => new RarItem($"{i}", 1000)).ToArray();
        var source = new TestSource(RarWriter.Write("film", _options, items));

        await RefusesAsync(ArchiveFailure.TooLarge, source, new ArchiveLimits(5000, 10_000, []));

        Assert.That(source.BytesRead, Is.LessThanOrEqualTo(10_000));
    }

    [TestCase(1)]
    [TestCase(5)]
    [TestCase(9)]
    public async Task A_missing_volume_is_said(int missing)
    {
        var volumes = RarWriter.Write("film", _options with { VolumeLength = 1000 }, new RarItem("film.mkv", Noise(9000)));
        Assert.That(volumes, Has.Count.EqualTo(10).Or.Count.EqualTo(11));
        var source = new TestSource([.. volumes.Where((_, i) => i != missing && i < 10)]);

        await RefusesAsync(ArchiveFailure.VolumeMissing, source);
    }

    [Test]
    public async Task A_set_without_its_first_volume_is_said()
    {
        var volumes = RarWriter.Write("film", _options with { VolumeLength = 1000 }, new RarItem("film.mkv", Noise(9000)));

        await RefusesAsync(ArchiveFailure.VolumeMissing, new TestSource([.. volumes.Skip(1)]));
    }

    [Test]
    public async Task Data_past_the_end_of_the_file_is_damage()
    {
        var bytes = RarWriter.Write("film", _options, new RarItem("film.mkv", Noise(9000))).Single().ToArray();

        await RefusesAsync(ArchiveFailure.Damaged, TestSource.Of(bytes[..5000]));
    }

    [Test]
    public async Task A_changed_bit_in_a_header_is_damage()
    {
        var bytes = RarWriter.Write("film", _options, new RarItem("film.mkv", Noise(9000))).Single().ToArray();
        bytes[30] ^= 1;

        await RefusesAsync(ArchiveFailure.Damaged, TestSource.Of(bytes));
    }

    [TestCase(200)]
    [TestCase(300_000)]
    [TestCase(1024 * 1024)]
    public async Task An_archive_behind_a_program_is_found(int length)
    {
        var content = Noise(100);
        var source = new TestSource(RarWriter.Write("film", _options with { ProgramLength = length }, new RarItem("a", content)));

        var index = await ReadAsync(source);

        Assert.That(source.ContentOf(index.Entries.Single()), Is.EqualTo(content));
    }

    [Test]
    public async Task Behind_a_longer_program_nothing_is_looked_for()
    {
        var source = new TestSource(RarWriter.Write("film", _options with { ProgramLength = (1024 * 1024) + 1 }, new RarItem("a", 5)));

        await RefusesAsync(ArchiveFailure.NotSupported, source);
    }

    [Test]
    public async Task Encrypted_headers_open_with_a_password_of_the_list()
    {
        var content = Noise(2500);
        var options = _options with { Password = "correct horse", VolumeLength = 1000 };
        var volumes = RarWriter.Write("film", options, new RarItem("secret.mkv", content));
        var source = new TestSource(volumes);

        var index = await ReadAsync(source, new ArchiveLimits(10, 1 << 20, ["wrong", "correct horse"]));

        Assert.That(index.Entries.Single().Path, Is.EqualTo("secret.mkv"));
        Assert.That(source.ContentOf(index.Entries.Single()), Is.EqualTo(content));
        await RefusesAsync(ArchiveFailure.PasswordNeeded, source);
        await RefusesAsync(ArchiveFailure.PasswordNeeded, source, new ArchiveLimits(10, 1 << 20, ["wrong"]));
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static async Task<ArchiveIndex> ReadAsync(IArchiveSource source, ArchiveLimits? limits = null)
    {
        return await new RarFormat().ReadIndexAsync(source, limits ?? new ArchiveLimits(1000, 4 << 20, []), CancellationToken.None);
    }

    private static async Task RefusesAsync(ArchiveFailure failure, IArchiveSource source, ArchiveLimits? limits = null)
    {
        var refusal = await Assert.ThrowsAsync<ArchiveException>(async () => await ReadAsync(source, limits));
        Assert.That(refusal!.Failure, Is.EqualTo(failure), refusal.Message);
    }
}
