using System.Globalization;
using System.Text.Json;
using Distribyted.Archives.Formats;
using Distribyted.Archives.Formats.Rar;
using Distribyted.Archives.Tests.Workshop;

namespace Distribyted.Archives.Tests.Formats.Rar;

/// <summary>Archives that RAR and WinRAR made are read as another program reads them.</summary>
public sealed class RarSampleTests
{
    private static readonly string[] Archives =
    [
        "rar.rar",
        "rar_windows.rar",
        "rar_unicode.rar",
        "rar_noeof.rar",
        "rar_subblock.rar",
        "rar_encryption_data.rar",
        "rar_encryption_partially.rar",
        "rar5_stored.rar",
        "rar5_stored_manyfiles.rar",
        "rar5_multiple_files.rar",
        "rar5_multiple_files_solid.rar",
        "rar5_solid.rar",
        "rar5_symlink.rar",
        "rar5_blake2.rar",
        "rar5_win32.rar",
        "rar5_owner.rar",
        "rar5_fileattr.rar",
        "rar5_solid_volumes.part01.rar rar5_solid_volumes.part02.rar rar5_solid_volumes.part03.rar rar5_solid_volumes.part04.rar",
    ];

    [TestCaseSource(nameof(Archives)), CancelAfter(60_000)]
    public async Task It_is_listed_as_unar_lists_it(string names, CancellationToken cancellationToken)
    {
        ArchivePrograms.Need("unar");
        var volumes = names.Split(' ');
        var index = await ReadAsync(Samples.Source(volumes));
        var output = await ArchivePrograms.RunAsync("lsar", ["-json", Samples.PathOf(volumes[0])], cancellationToken);
        using var json = JsonDocument.Parse(output);
        var theirs = json.RootElement.GetProperty("lsarContents").EnumerateArray().Where(static e => !Says(e, "XADIsLink"));

        Assert.That(index.Entries.Select(Line), Is.EqualTo(theirs.Select(Line)));
        Assert.That(index.IsSolid, Is.EqualTo(volumes[0].Contains("solid", StringComparison.Ordinal)));
    }

    [TestCaseSource(nameof(Archives))]
    public async Task Stored_bytes_have_the_checksum_of_the_header(string names)
    {
        var source = Samples.Source(names.Split(' '));

        foreach (var entry in (await ReadAsync(source)).Entries.Where(static entry => !entry.Ranges.IsEmpty))
        {
            Assert.That(Crc32.Of(source.ContentOf(entry)), Is.EqualTo(entry.Crc32), entry.Path);
        }
    }

    [Test]
    public async Task Encrypted_headers_need_a_password()
    {
        var refusal = await Assert.ThrowsAsync<ArchiveException>(async () => await ReadAsync(Samples.Source("rar_encryption_header.rar")));

        Assert.That(refusal!.Failure, Is.EqualTo(ArchiveFailure.PasswordNeeded));
    }

    // lsar shows times of DOS without the odd second, which RAR 4 keeps elsewhere.
    private static string Line(ArchiveEntry entry)
    {
        return $"{entry.Path} {(entry.IsFolder ? "folder" : entry.Length)} {(entry.IsEncrypted ? "encrypted" : "")}{entry.Modified:yyyy-MM-dd HH:mm}";
    }

    private static string Line(JsonElement entry)
    {
        var size = Says(entry, "XADIsDirectory")
            ? "folder"
            : entry.GetProperty("XADFileSize").GetInt64().ToString(CultureInfo.InvariantCulture);
        var encrypted = Says(entry, "XADIsEncrypted") ? "encrypted" : "";
        return $"{entry.GetProperty("XADFileName").GetString()} {size} {encrypted}{entry.GetProperty("XADLastModificationDate").GetString()![..16]}";
    }

    private static bool Says(JsonElement entry, string property)
    {
        return entry.TryGetProperty(property, out var value)
            && (value.ValueKind == JsonValueKind.True || (value.ValueKind == JsonValueKind.Number && value.GetInt32() != 0));
    }

    private static async Task<ArchiveIndex> ReadAsync(IArchiveSource source)
    {
        return await new RarFormat().ReadIndexAsync(source, new ArchiveLimits(1000, 1 << 20, []), CancellationToken.None);
    }
}
