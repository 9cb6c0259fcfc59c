using System.Net;

namespace Distribyted.Tests.Processes;

/// <summary>A daemon that no one looks at has nothing of the pages in memory.</summary>
[CancelAfter(120_000)]
internal sealed class LazyPagesTests
{
    private static readonly string[] OfPages = ["Microsoft.AspNetCore.Components", "Microsoft.AspNetCore.SignalR", "MudBlazor"];

    [Test, Platform("Linux")]
    public async Task Blazor_is_loaded_by_the_first_request_for_a_page(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
        try
        {
            await using var daemon = await DaemonProcess.StartAsync(folder, "", cancellationToken);
            using var client = DaemonProcess.Client();
            using var other = await client.GetAsync(new Uri(daemon.Web, "api/v1/torrents"), cancellationToken);
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK));

            var before = Loaded(daemon);
            using var page = await client.GetAsync(daemon.Web, cancellationToken);
            var after = Loaded(daemon);

            Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(before, Is.Empty);
            Assert.That(after, Is.EquivalentTo(OfPages));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Loaded(DaemonProcess daemon)
    {
        var maps = File.ReadAllText($"/proc/{daemon.Id}/maps");
        return OfPages.Where(name => maps.Contains("/" + name, StringComparison.Ordinal));
    }
}
