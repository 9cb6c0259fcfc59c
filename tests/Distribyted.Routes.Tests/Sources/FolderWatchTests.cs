using Distribyted.Routes.Sources;
using Distribyted.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.Routes.Tests.Sources;

[TestFixture, CancelAfter(60_000)]
internal sealed class FolderWatchTests
{
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
