using Microsoft.Playwright;

namespace Distribyted.Dashboard.Browser.Tests;

/// <summary>One browser for all tests: Debian's own.</summary>
[SetUpFixture]
internal sealed class Chromium
{
    private const string Program = "/usr/bin/chromium";

    private static IPlaywright? s_playwright;

    /// <summary>The browser; a test is ignored where there is none.</summary>
    public static IBrowser Browser { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (!File.Exists(Program))
        {
            Assert.Ignore($"{Program} is missing (package chromium).");
        }

        s_playwright = await Playwright.CreateAsync();
        Browser = await s_playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = Program, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] }
        );
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        s_playwright?.Dispose();
    }
}
