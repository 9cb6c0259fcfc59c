using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Rar;
using Distribyted.Archives.Formats.SevenZip;
using Distribyted.Archives.Naming;
using Distribyted.Archives.Options;
using Distribyted.Archives.Tests.Workshop;
using Distribyted.FileSystem;

namespace Distribyted.Archives.Tests.Spools;

/// <summary>RAR and 7z archives of other programs: every entry reads with the checksum that its header says, in any order.</summary>
[CancelAfter(120_000)]
internal sealed class PackedSampleTests
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
    [TestCase("lzma1_lzma2.7z")]
    [TestCase("lzma2.7z")]
    [TestCase("ppmd.7z")]
    [TestCase("bzip2.7z")]
    [TestCase("deflate.7z")]
    [TestCase("bcj_copy.7z")]
    [TestCase("encryption.7z")]
    [TestCase("encryption_header.7z")]
    [TestCase("encryption_partially.7z")]
    public async Task Every_entry_has_its_checksum(string names, CancellationToken cancellationToken)
    {
        var volumes = names.Split(' ');
        await using var bed = new ArchiveBed(new ArchiveOptions { Passwords = ["no", Password] });
        foreach (var name in volumes)
        {
            bed.Add("/" + name, Samples.Read(name));
        }

        IArchiveFormat format = names.EndsWith(".rar", StringComparison.Ordinal) ? new RarFormat() : new SevenZipFormat();
        var limits = new ArchiveLimits(1000, 1 << 20, [Password]);
        var index = await format.ReadIndexAsync(Samples.Source(volumes), limits, cancellationToken);
        var folder = $"/{volumes[0]}!";
        await bed.ListAsync(folder, cancellationToken);

        var paths = EntryPaths.Make(index.Entries);
        foreach (var (path, entry) in paths.Zip(index.Entries).Where(static e => e.First is not null && !e.Second.IsFolder).Reverse())
        {
            var content = await bed.ReadAsync($"{folder}/{string.Join('/', path!)}", cancellationToken);
            Assert.That(content, Has.Length.EqualTo(entry.Length), entry.Path);
            Assert.That(entry.Crc32 is null || Crc32.Of(content) == entry.Crc32, Is.True, entry.Path);
        }
    }

    [Test]
    public async Task Without_its_password_an_entry_is_listed_and_reading_names_the_key(CancellationToken cancellationToken)
    {
        await using var bed = new ArchiveBed();
        bed.Add("/a.rar", Samples.Read("rar_encryption_data.rar"));
        var listing = await bed.ListAsync("/a.rar!", cancellationToken);
        var file = Enumerable.Range(0, listing.Count).Select(i => listing[i]).First(static entry => !entry.IsDirectory);

        var open = async () =>
            await bed.Tree.OpenAsync(ArchiveBed.Path("/a.rar!/" + file.Name), new ReadIntent(0, null, "test"), cancellationToken);

        Assert.That(open, Throws.TypeOf<FileSystemException>().With.Message.Contains("archives.passwords"));
    }
}
