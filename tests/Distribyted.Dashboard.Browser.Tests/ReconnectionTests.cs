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
    public Task After_a_restart_of_the_server_the_page_is_back_with_what_was_typed_meanwhile(CancellationToken cancellationToken)
    {
        return AssertBackAsync(
            async (site, _, visit, _) =>
            {
                await site.StopProcessAsync(cancellationToken);
                await Assertions.Expect(visit.Page.GetByText("Connection lost")).ToBeVisibleAsync();
                await visit.Page.GetByRole(AriaRole.Searchbox).FillAsync(Typed);
                await site.StartProcessAsync(cancellationToken);
            },
            cancellationToken,
            typedBefore: "what was"
        );
    }

    [Test, Retry(3)]
    public Task After_a_lost_network_the_page_is_back(CancellationToken cancellationToken)
    {
        return AssertBackAsync(
            async (_, _, visit, protocol) =>
            {
                await NetworkAsync(protocol, isOffline: true);
                await visit.Page.Clock.FastForwardAsync(40_000); // a silent connection is given up after 30 s
                await Assertions.Expect(visit.Page.GetByText("Connection lost")).ToBeVisibleAsync(new() { Timeout = 40_000 });
                await NetworkAsync(protocol, isOffline: false);
            },
            cancellationToken,
            mustReload: false,
            prepare: static visit => visit.Page.Clock.InstallAsync()
        );
    }

    [Test, Retry(3)]
    public Task After_the_device_slept_through_a_restart_the_page_is_back(CancellationToken cancellationToken)
    {
        return AssertBackAsync(
            async (site, _, _, protocol) =>
            {
                await LifecycleAsync(protocol, "frozen");
                await site.StopProcessAsync(cancellationToken);
                await site.StartProcessAsync(cancellationToken);
                await LifecycleAsync(protocol, "active");
            },
            cancellationToken
        );
    }

    // After minutes without the browser the server drops what it keeps of a page. Here it is told to, as soon as the line is cut.
    [Test, Retry(3)]
    public Task After_a_sleep_so_long_that_the_server_dropped_the_page_it_is_back(CancellationToken cancellationToken)
    {
        return AssertBackAsync(
            async (site, line, visit, protocol) =>
            {
                var circuit = await visit.CircuitAsync();
                await LifecycleAsync(protocol, "frozen");
                line.Cut();
                await site.DropPageAsync(circuit, cancellationToken);
                line.Restore();
                await LifecycleAsync(protocol, "active");
            },
            cancellationToken
        );
    }

    // Text is in a field, the page is interrupted; then it is back within the limit and has the text.
    private static async Task AssertBackAsync(
        Func<Site, Line, Visit, ICDPSession, Task> interrupt,
        CancellationToken cancellationToken,
        string typedBefore = Typed,
        bool mustReload = true,
        Func<Visit, Task>? prepare = null
    )
    {
        await using var site = await Site.StartAsync(cancellationToken);
        await using var line = new Line(() => site.WebPort);
        await using var visit = await Visit.OpenAsync(line.Web, Screen.Phone);
        await (prepare?.Invoke(visit) ?? Task.CompletedTask);
        await visit.GoAsync("settings", "Settings");
        await visit.Page.GetByRole(AriaRole.Searchbox).FillAsync(typedBefore);
        await Assertions.Expect(visit.Page.GetByText("No setting is called that.")).ToBeVisibleAsync();
        var protocol = await visit.ProtocolAsync();
        visit.ExpectDisconnection();
        await visit.Page.EvaluateAsync("window.isFirst = true");

        await interrupt(site, line, visit, protocol);
        var watch = Stopwatch.StartNew();

        // Back is: it answers to what is done on it, and has what was typed.
        await visit.Page.WaitForFunctionAsync(
            "text => window.distribyted?.isConnected?.() && document.querySelector('input[type=search]')?.value === text && document.body.innerText.includes('No setting is called that.')",
            Typed
        );
        var took = watch.Elapsed;
        await visit.Page.GetByRole(AriaRole.Searchbox).FillAsync("webdav.port");
        await Assertions.Expect(visit.Page.Locator(".settings summary")).ToContainTextAsync(["webdav.port"]);
        await TestContext.Out.WriteLineAsync($"Back after {took.TotalMilliseconds:0} ms");
        Assert.That(took, Is.LessThan(Limit));
        if (mustReload)
        {
            Assert.That(await visit.Page.EvaluateAsync<bool>("!window.isFirst"), "the server did not know the page any more");
        }

        visit.AssertClean();
    }

    private static async Task LifecycleAsync(ICDPSession protocol, string state)
    {
        await protocol.SendAsync("Page.setWebLifecycleState", new Dictionary<string, object>(StringComparer.Ordinal) { ["state"] = state });
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
