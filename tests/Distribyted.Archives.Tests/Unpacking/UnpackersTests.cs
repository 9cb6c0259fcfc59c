using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Rar;
using Distribyted.Archives.Formats.SevenZip;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.Archives.Unpacking;

namespace Distribyted.Archives.Tests.Unpacking;

public sealed class UnpackersTests
{
    private const string Password = "12345678";

    [TestCase("rar.rar")]
    [TestCase("rar_windows.rar")]
    [TestCase("rar_encryption_data.rar")]
    [TestCase("rar_encryption_partially.rar")]
    [TestCase("rar_encryption_header.rar")]
    [TestCase("rar5_multiple_files.rar")]
    [TestCase("rar5_multiple_files_solid.rar")]
    [TestCase("rar5_solid.rar")]
    [TestCase("rar5_win32.rar")]
    [TestCase("rar5_blake2.rar")]
    [TestCase("rar5_solid_volumes.part01.rar rar5_solid_volumes.part02.rar rar5_solid_volumes.part03.rar rar5_solid_volumes.part04.rar")]
    public async Task Every_entry_of_RAR_has_the_checksum_that_its_header_says(string names)
    {
        var volumes = names.Split(' ');
        var index = await ReadAsync(new RarFormat(), Samples.Source(volumes));
        Stream[] streams = [.. volumes.Select(static name => new MemoryStream(Samples.Read(name)))];

        using var unpacker = Unpackers.Rar(streams, index.IsSolid, 0, Password);

        Assert.That(Unpack(unpacker, index), Is.EqualTo(index.Entries.Count(static e => e.Length > 0)));
    }

    [TestCase("copy_2.7z")]
    [TestCase("lzma1_lzma2.7z")]
    [TestCase("lzma2.7z")]
    [TestCase("ppmd.7z")]
    [TestCase("bzip2.7z")]
    [TestCase("deflate.7z")]
    [TestCase("bcj_copy.7z")]
    [TestCase("packinfo_digests.7z")]
    [TestCase("encryption.7z")]
    [TestCase("encryption_header.7z")]
    [TestCase("encryption_partially.7z")]
    public async Task Every_entry_of_7z_has_the_checksum_that_its_header_says(string name)
    {
        var index = await ReadAsync(new SevenZipFormat(), Samples.Source(name));

        using var unpacker = Unpackers.SevenZip(new MemoryStream(Samples.Read(name)), Password);

        Assert.That(Unpack(unpacker, index), Is.EqualTo(index.Entries.Count(static e => e.Length > 0)));
    }

    [TestCase(4)]
    [TestCase(5)]
    public async Task Archives_that_the_tests_write_are_right(int version)
    {
        RarItem[] items = [new("файл.txt", Noise(700)), new("film.mkv", Noise(5000)), new("last", Noise(9))];
        var options = new RarOptions
        {
            Version = version,
            VolumeLength = 1000,
            Password = Password,
        };
        var volumes = RarWriter.Write("film", options, items);
        var index = await ReadAsync(new RarFormat(), new TestSource(volumes));

        using var unpacker = Unpackers.Rar([.. volumes.Select(static v => new MemoryStream(v.ToArray()))], isSolid: true, 0, Password);

        Assert.That(Unpack(unpacker, index), Is.EqualTo(3));
    }

    [Test]
    public async Task An_archive_that_is_not_solid_is_entered_in_the_middle()
    {
        var index = await ReadAsync(new RarFormat(), Samples.Source("rar5_multiple_files.rar"));

        using var unpacker = Unpackers.Rar([new MemoryStream(Samples.Read("rar5_multiple_files.rar"))], isSolid: false, 2, null);

        Assert.That(unpacker.MoveNext(), Is.True);
        Assert.That(unpacker.Ordinal, Is.EqualTo(2));
        Assert.That(Crc32.Of(Content(unpacker)), Is.EqualTo(index.Entries[2].Crc32));
    }

    [Test]
    public void Entries_of_a_solid_archive_may_be_passed_over()
    {
        using var unpacker = Unpackers.Rar([new MemoryStream(Samples.Read("rar5_solid.rar"))], isSolid: true, 3, null);
        for (var i = 0; i < 3; i++)
        {
            Assert.That(unpacker.MoveNext(), Is.True);
        }

        Assert.That(Content(unpacker), Has.Length.EqualTo(4096));
    }

    [Test]
    public void A_wrong_password_is_said()
    {
        using var unpacker = Unpackers.SevenZip(new MemoryStream(Samples.Read("encryption.7z")), null);
        Assert.That(unpacker.MoveNext(), Is.True);

        Assert.That(
            () => unpacker.Read(new byte[10]),
            Throws.TypeOf<ArchiveException>().With.Property("Failure").EqualTo(ArchiveFailure.PasswordNeeded)
        );
    }

    [Test]
    public void Damaged_archives_end_in_one_kind_of_exception()
    {
        var random = new Random(1);
        foreach (var name in (string[])["rar5_solid.rar", "rar_encryption_data.rar", "lzma1_lzma2.7z", "ppmd.7z"])
        {
            for (var i = 0; i < (name == "rar_encryption_data.rar" ? 50 : 200); i++) // each makes a key
            {
                var bytes = Samples.Read(name);
                bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
                var stream = new MemoryStream(bytes);
                try
                {
                    using var unpacker = name.EndsWith(".7z", StringComparison.Ordinal)
                        ? Unpackers.SevenZip(stream, Password)
                        : Unpackers.Rar([stream], isSolid: true, 0, Password);
                    while (unpacker.MoveNext())
                    {
                        _ = Content(unpacker);
                    }
                }
                catch (ArchiveException)
                {
                    // The only one that may come.
                }
            }
        }
    }

    private static int Unpack(IUnpacker unpacker, ArchiveIndex index)
    {
        var entries = index.Entries.ToDictionary(static entry => entry.Ordinal);
        var count = 0;
        while (unpacker.MoveNext())
        {
            if (!entries.TryGetValue(unpacker.Ordinal, out var entry))
            {
                continue; // a link
            }

            var content = Content(unpacker);
            Assert.That(content, Has.Length.EqualTo(entry.Length), entry.Path);
            if (entry.Crc32 is { } crc)
            {
                Assert.That(Crc32.Of(content), Is.EqualTo(crc), entry.Path);
            }

            count++;
        }

        return count;
    }

    private static byte[] Content(IUnpacker unpacker)
    {
        using var content = new MemoryStream();
        var buffer = new byte[1000];
        while (unpacker.Read(buffer) is var read and > 0)
        {
            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    private static async Task<ArchiveIndex> ReadAsync(IArchiveFormat format, TestSource source)
    {
        return await format.ReadIndexAsync(source, new ArchiveLimits(1000, 1 << 20, [Password]), CancellationToken.None);
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
