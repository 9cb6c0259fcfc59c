using System.Runtime.Versioning;
using Distribyted.Testing;

namespace Distribyted.Platform.Tests;

internal sealed class DurableFileTests
{
    [Test]
    public async Task A_file_is_created_then_replaced_and_nothing_is_left_beside_it()
    {
        using var folder = new TempFolder();
        var path = folder.At("file");

        DurableFile.Replace(path, stream => stream.Write("a long first content"u8));
        await DurableFile.ReplaceAsync(path, stream => stream.WriteAsync("second"u8.ToArray()).AsTask());

        Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo("second"));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Content_that_cannot_be_written_leaves_the_old_file_and_no_other()
    {
        using var folder = new TempFolder();
        var path = folder.At("file");
        await File.WriteAllTextAsync(path, "old");

        Assert.Throws<IOException>(() => DurableFile.Replace(path, _ => throw new IOException("disk full")));
        await Assert.ThrowsAsync<IOException>(() => DurableFile.ReplaceAsync(path, _ => throw new IOException("disk full")));

        Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo("old"));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void A_private_file_is_private_although_an_open_one_is_left_over_under_its_temporary_name()
    {
        using var folder = new TempFolder();
        var path = folder.At("credentials");
        File.WriteAllText(path + ".new", "left over");
        File.SetUnixFileMode(path + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        DurableFile.Replace(path, stream => stream.Write("secret"u8), isPrivate: true);

        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }
}
