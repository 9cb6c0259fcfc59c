using Distribyted.Testing;

namespace Distribyted.Platform.Tests;

internal sealed class DiskSpaceTests
{
    [Test]
    public void The_disk_of_a_folder_has_space_and_that_of_no_path_is_not_known()
    {
        using var folder = new TempFolder();

        Assert.That(DiskSpace.FreeAt(folder.Path), Is.GreaterThan(0));
        Assert.That(DiskSpace.FreeAt(""), Is.Null);
    }
}
