using Distribyted.Routes.Watching;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Routes.Tests.Watching;

[TestFixture, CancelAfter(60_000)]
internal sealed class FolderWatchTests
{
    [TestCase("nfs4", true)]
    [TestCase("CIFS", true)]
    [TestCase("9p", true)]
    [TestCase("virtiofs", true)]
    [TestCase("fuse", true)]
    [TestCase("fuse.mergerfs", true)]
    [TestCase("fuse.grpcfuse", true)]
    [TestCase("fuse.sshfs", true)]
    [TestCase("fakeowner", true)]
    [TestCase("fuseblk", false)]
    [TestCase("fusectl", false)]
    [TestCase("ext4", false)]
    [TestCase("btrfs", false)]
    [TestCase("zfs", false)]
    [TestCase("overlay", false)]
    [TestCase("tmpfs", false)]
    public void Where_the_system_does_not_tell_of_every_change_is_looked(string type, bool isRemote)
    {
        Assert.That(RemoteFileSystems.Contains(type), Is.EqualTo(isRemote));
    }

    [Test]
    public void A_change_that_is_told_after_the_end_is_no_error()
    {
        using var folder = new TempFolder();
        var watch = new FolderWatch(folder.Path, recursive: true, TimeProvider.System, NullLogger.Instance);
        watch.Ensure();
        watch.Dispose();

        Assert.DoesNotThrow(watch.Signal); // on a thread of the system's an exception would end the process
    }
}
