using System.Diagnostics;
using Distribyted.Dashboard.Browser.Tests.Support;
using Microsoft.Playwright;

namespace Distribyted.Dashboard.Browser.Tests;

/// <summary>A page comes back by itself: after a restart of the server, without a network for a while, and after the device slept.</summary>
[CancelAfter(180_000)]
internal sealed class ReconnectionTests
{
    private const string Typed = "what was typed";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3); // a busy machine may miss it, hence the further tries

    [Test, Retry(3)]
    public async Task After_a_restart_of_the_server_the_page_is_back_within_three_seconds_with_what_was_typed(
        CancellationToken cancellationToken
    )
    {
        await using var site = await Site.StartAsync(cancellationToken);
        await using var visit = await Visit.OpenAsync(site, Screen.Phone);
        await TypeAsync(visit);

        visit.ExpectDisconnection();
        await site.StopProcessAsync(cancellationToken);
        await Assertions.Expect(visit.Page.GetByText("Connection lost")).ToBeVisibleAsync();
        await site.StartProcessAsync(cancellationToken);
        var watch = Stopwatch.StartNew();

        await BackAsync(visit, watch);
        visit.AssertClean();
    }

    [Test, Retry(3)]
    public async Task After_a_lost_network_the_page_is_back_within_three_seconds(CancellationToken cancellationToken)
    {
        await using var site = await Site.StartAsync(cancellationToken);
        await using var visit = await Visit.OpenAsync(site, Screen.Phone);
        await TypeAsync(visit);
        var protocol = await visit.ProtocolAsync();

        visit.ExpectDisconnection();
        await NetworkAsync(protocol, isOffline: true);
        await Assertions.Expect(visit.Page.GetByText("Connection lost")).ToBeVisibleAsync(new() { Timeout = 40_000 });
        await NetworkAsync(protocol, isOffline: false);
        var watch = Stopwatch.StartNew();

        await BackAsync(visit, watch);
        visit.AssertClean();
    }

    [Test, Retry(3)]
    public async Task After_the_device_slept_through_a_restart_the_page_is_back_within_three_seconds(CancellationToken cancellationToken)
    {
        await using var site = await Site.StartAsync(cancellationToken);
        await using var visit = await Visit.OpenAsync(site, Screen.Phone);
        await TypeAsync(visit);
        var protocol = await visit.ProtocolAsync();

        visit.ExpectDisconnection();
        await protocol.SendAsync(
            "Page.setWebLifecycleState",
            new Dictionary<string, object>(StringComparer.Ordinal) { ["state"] = "frozen" }
        );
        await site.StopProcessAsync(cancellationToken);
        await site.StartProcessAsync(cancellationToken);
        await protocol.SendAsync(
            "Page.setWebLifecycleState",
            new Dictionary<string, object>(StringComparer.Ordinal) { ["state"] = "active" }
        );
        var watch = Stopwatch.StartNew();

        await BackAsync(visit, watch);
        visit.AssertClean();
    }

    private static async Task TypeAsync(Visit visit)
    {
        await visit.GoAsync("settings", "Settings");
        await visit.Page.GetByRole(AriaRole.Searchbox).FillAsync(Typed);
        await Assertions.Expect(visit.Page.GetByText("No setting is called that.")).ToBeVisibleAsync();
    }

    // Back is: it answers to what is done on it, and has what was typed.
    private static async Task BackAsync(Visit visit, Stopwatch watch)
    {
        await visit.Page.WaitForFunctionAsync(
            "text => window.distribyted?.isConnected?.() && document.querySelector('input[type=search]')?.value === text && document.body.innerText.includes('No setting is called that.')",
            Typed
        );
        var took = watch.Elapsed;
        await visit.Page.GetByRole(AriaRole.Searchbox).FillAsync("webdav.port");
        await Assertions.Expect(visit.Page.Locator(".settings summary")).ToContainTextAsync(["webdav.port"]);
        await TestContext.Out.WriteLineAsync($"Back after {took.TotalMilliseconds:0} ms");
        Assert.That(took, Is.LessThan(Limit));
    }

    private static async Task NetworkAsync(ICDPSession protocol, bool isOffline)
    {
        await protocol.SendAsync(
            "Network.emulateNetworkConditions",
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["offline"] = isOffline,
                ["latency"] = 0,
                ["downloadThroughput"] = -1,
                ["uploadThroughput"] = -1,
            }
        );
    }
}
