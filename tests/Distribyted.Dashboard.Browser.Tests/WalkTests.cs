using Distribyted.Dashboard.Browser.Tests.Support;
using Distribyted.Lab;
using Microsoft.Playwright;

namespace Distribyted.Dashboard.Browser.Tests;

/// <summary>Every page on a phone and a desktop, dark and light, with torrents behind: nothing breaks, nothing leaves the machine, and all of it can be used by
/// everyone (axe).</summary>
[CancelAfter(120_000)]
internal sealed class WalkTests
{
    private const string Dead = "magnet:?xt=urn:btih:c9e15763f722f23e98a29decdfae341b98d53056&dn=A+film+that+no+peer+has";

    private static readonly Screen[] Screens = [.. Screen.All];
    private static readonly Screen[] Ends = [Screen.Phone, Screen.Desktop with { IsDark = true }];

    private Site _site = null!;
    private LabSwarm _swarm = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var content = LabContent.Folder(
            "A film",
            [
                new LabFile("film.mp4", 3_000_000),
                new LabFile("film.srt", 1_000),
                new LabFile("Extras/A very long name of a file that wraps on phones.mkv", 1_000_000),
            ]
        );
        var options = new LabSwarmOptions
        {
            Content = content,
            PieceLength = 64 << 10,
            Seeders = 1,
            FirstAddress = 90,
        };
        _swarm = await LabSwarm.StartAsync(options, deadline.Token);
        _site = await Site.StartAsync(deadline.Token);
        await _site.AddAsync("films", _swarm.Magnet, deadline.Token);
        await _site.AddAsync("films", Dead, deadline.Token);
        await _site.WaitForFileAsync("films/A%20film/film.mp4", deadline.Token);
        await _site.Http.GetByteArrayAsync(new Uri("fs/films/A%20film/film.srt", UriKind.Relative), deadline.Token);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _site.DisposeAsync();
        await _swarm.DisposeAsync();
    }

    [TestCaseSource(nameof(Screens))]
    public async Task Every_page_is_whole(Screen screen)
    {
        await using var visit = await Visit.OpenAsync(_site, screen);
        var hash = _swarm.Torrent.Info.InfoHash.ToString();
        foreach (var (name, address, title) in Pages(hash))
        {
            await visit.GoAsync(address, title);
            await visit.CheckLookAsync(name);
        }

        visit.AssertClean();
    }

    [TestCaseSource(nameof(Ends))]
    public async Task What_opens_on_a_page_is_whole(Screen screen)
    {
        await using var visit = await Visit.OpenAsync(_site, screen);
        var page = visit.Page;

        await visit.GoAsync("connect", "Connect");
        await page.Locator("#windows summary").ClickAsync();
        await page.Locator("#rclone summary").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Check now" }).ClickAsync();
        await Assertions.Expect(page.Locator(".checks li")).ToHaveCountAsync(5);
        await Assertions.Expect(page.Locator(".checks li.bad")).ToHaveCountAsync(0);
        await visit.CheckLookAsync("connect-open");

        await visit.GoAsync("servers", "Sharing");
        await page.GetByRole(AriaRole.Button, new() { Name = "QR code of the magnet link of holidays" }).ClickAsync();
        await Assertions.Expect(page.Locator(".qr svg")).ToBeVisibleAsync();
        await visit.CheckLookAsync("sharing-code");

        await visit.GoAsync("settings", "Settings");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("webdav.port");
        await page.Locator(".settings summary").First.ClickAsync();
        await Assertions.Expect(page.Locator(".settings details[open]")).ToContainTextAsync("start the server again");
        await visit.CheckLookAsync("settings-open");

        await visit.GoAsync("logs", "Logs");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("no line has this");
        await Assertions.Expect(page.GetByText("No line is like that.")).ToBeVisibleAsync();
        await visit.CheckLookAsync("logs-empty");
        visit.AssertClean();
    }

    [Test]
    public async Task Who_may_only_read_sees_no_secrets_and_no_buttons_that_refuse()
    {
        await using var visit = await Visit.OpenAsync(_site, Screen.Desktop, Site.Reader);

        await visit.GoAsync("", "Overview");
        var links = await visit.Page.Locator("#side a").AllInnerTextsAsync();
        Assert.That(links.Select(l => l.Trim()), Is.EquivalentTo(["Overview", "Library", "Files", "Connect", "About", "Sign out"]));
        foreach (var (address, title) in new[] { ("servers", "Sharing"), ("logs", "Logs"), ("settings", "Settings") })
        {
            await visit.GoAsync(address, title);
            await Assertions.Expect(visit.Page.GetByText("This page is for users who may do everything.")).ToBeVisibleAsync();
            Assert.That(await visit.Page.ContentAsync(), Does.Not.Contain("magnet:").And.Not.Contain("metadata_folder"));
        }

        await visit.GoAsync("connect", "Connect");
        await Assertions.Expect(visit.Page.GetByText($"Sign in everywhere as {Site.Reader}")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("table")).ToHaveCountAsync(0);
        await visit.GoAsync($"torrents/{_swarm.Torrent.Info.InfoHash}", "A film");
        Assert.That(await visit.Page.ContentAsync(), Does.Not.Contain("magnet:").And.Not.Contain("127.0.0.90"));
        visit.AssertClean();
    }

    private static IEnumerable<(string Name, string Address, string Title)> Pages(string hash)
    {
        return
        [
            ("overview", "", "Overview"),
            ("library", "routes", "Library"),
            ("torrent", $"torrents/{hash}", "A film"),
            ("add", "add", "Add torrents"),
            ("files", "files", "Files"),
            ("files-folder", "files/films/A%20film", "A film"),
            ("files-file", "files/films/A%20film/film.mp4", "film.mp4"),
            ("files-nothing", "files/nothing", "nothing"),
            ("connect", "connect", "Connect"),
            ("sharing", "servers", "Sharing"),
            ("logs", "logs", "Logs"),
            ("settings", "settings", "Settings"),
            ("about", "about", "About"),
            ("welcome", "welcome", "Welcome"),
        ];
    }
}
