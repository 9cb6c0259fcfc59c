using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Distribyted.Dashboard.Browser.Tests.Support;

/// <summary>A user's browser window: signed in, and watched for errors and for requests that leave the machine.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly string _name;
    private volatile bool _isForgiving;

    private Visit(Uri web, IBrowserContext context, IPage page, string name)
    {
        (_context, Page, _name) = (context, page, name);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !_isForgiving)
            {
                _faults.Enqueue($"console {message.Type}: {message.Text} at {page.Url}");
            }
        };
        page.PageError += (_, error) => _faults.Enqueue($"script: {error} at {page.Url}");
        context.Request += (_, request) =>
        {
            var address = new Uri(request.Url);
            if (address.Scheme is "http" or "https" or "ws" or "wss" && address.Authority != web.Authority)
            {
                _faults.Enqueue($"left the machine: {request.Url}");
            }
        };
        page.WebSocket += (_, socket) =>
        {
            if (new Uri(socket.Url).Authority != web.Authority)
            {
                _faults.Enqueue($"left the machine: {socket.Url}");
            }
        };
    }

    public IPage Page { get; }

    public static Task<Visit> OpenAsync(Site site, Screen screen, string user = Site.Owner)
    {
        return OpenAsync(site.Web, screen, user);
    }

    /// <param name="web">The site, as the browser reaches it.</param>
    /// <param name="screen">What the browser has.</param>
    /// <param name="user">Who signs in.</param>
    public static async Task<Visit> OpenAsync(Uri web, Screen screen, string user = Site.Owner)
    {
        var context = await Chromium.Browser.NewContextAsync(
            new BrowserNewContextOptions
            {
                BaseURL = web.AbsoluteUri,
                ViewportSize = new ViewportSize { Width = screen.Width, Height = screen.Height },
                ColorScheme = screen.IsDark ? ColorScheme.Dark : ColorScheme.Light,
                HasTouch = screen.Width < 600,
                ReducedMotion = ReducedMotion.Reduce, // colours are measured while nothing fades in
            }
        );
        context.SetDefaultTimeout(15_000);
        var page = await context.NewPageAsync();
        var visit = new Visit(web, context, page, screen.ToString());
        await page.GotoAsync("login");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(user);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Site.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync(url => !url.Contains("login", StringComparison.Ordinal));
        return visit;
    }

    /// <summary>Opens a page and waits until it is connected.</summary>
    public async Task GoAsync(string address, string title)
    {
        await Page.GotoAsync(address);
        await Page.GetByRole(
                AriaRole.Heading,
                new()
                {
                    Name = title,
                    Level = 1,
                    Exact = true,
                }
            )
            .WaitForAsync();
        await ConnectedAsync();
    }

    /// <summary>Waits until the page is of use: it has its circuit.</summary>
    public async Task ConnectedAsync()
    {
        await Page.WaitForFunctionAsync("() => window.distribyted && window.distribyted.isConnected && window.distribyted.isConnected()");
    }

    /// <summary>Fails with every rule of accessibility that the page breaks, and if it is wider than its screen.</summary>
    public async Task CheckLookAsync(string page)
    {
        var wide = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (wide > 0)
        {
            _faults.Enqueue($"{_name} {page}: {wide} pixels wider than the screen");
        }

        var result = await Page.RunAxe();
        foreach (var violation in result.Violations)
        {
            var places = string.Join("\n    ", violation.Nodes.Take(5).Select(static node => $"{node.Html} ({Why(node)})"));
            _faults.Enqueue($"{_name} {page}: {violation.Id}, {violation.Help}\n    {places}");
        }

        if (Environment.GetEnvironmentVariable("DISTRIBYTED_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{page}-{_name}.png"), FullPage = false });
        }
    }

    /// <summary>From now on the browser may say that the server does not answer.</summary>
    public void ExpectDisconnection()
    {
        _isForgiving = true;
    }

    /// <summary>What the server knows this page by: read from the message that a page sends when it is left, which is not sent here.</summary>
    public Task<string> CircuitAsync()
    {
        return Page.EvaluateAsync<string>(
            """
            () => {
                const send = navigator.sendBeacon;
                let circuit;
                navigator.sendBeacon = (address, form) => {
                    circuit = form.get("circuitId");
                    return false;
                };
                Blazor.disconnect();
                navigator.sendBeacon = send;
                return circuit;
            }
            """
        );
    }

    /// <summary>The DevTools protocol of the page.</summary>
    public Task<ICDPSession> ProtocolAsync()
    {
        return _context.NewCDPSessionAsync(Page);
    }

    /// <summary>Nothing went wrong behind the page.</summary>
    public void AssertClean()
    {
        Assert.That(_faults, Is.Empty, string.Join("\n", _faults));
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
    }

    private static string Why(AxeResultNode node)
    {
        return string.Join("; ", node.Any.Concat(node.All).Concat(node.None).Take(2).Select(static check => check.Message));
    }
}
