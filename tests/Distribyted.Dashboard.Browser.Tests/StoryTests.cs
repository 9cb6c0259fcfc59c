using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Dashboard.Browser.Tests.Support;
using Distribyted.Lab;
using Microsoft.Playwright;

namespace Distribyted.Dashboard.Browser.Tests;

/// <summary>What users do: add a magnet, watch it come, see why it waits, delete it and think better of it.</summary>
[CancelAfter(120_000)]
internal sealed class StoryTests
{
    private Site _site = null!;
    private LabSwarm _swarm = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var options = new LabSwarmOptions
        {
            Content = LabContent.Folder("A film", [new LabFile("film.mp4", 48_000_000)]),
            PieceLength = 64 << 10,
            Seeders = 1,
            FirstAddress = 92,
        };
        _swarm = await LabSwarm.StartAsync(options, deadline.Token);
        _site = await Site.StartAsync(deadline.Token);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _site.DisposeAsync();
        await _swarm.DisposeAsync();
    }

    [Test]
    public async Task A_magnet_is_added_resolves_is_watched_and_deleted_and_the_deletion_undone(CancellationToken cancellationToken)
    {
        await using var visit = await Visit.OpenAsync(_site, Screen.Desktop);
        var page = visit.Page;
        await visit.GoAsync("add", "Add torrents");
        await page.Locator("textarea").FillAsync(_swarm.Magnet);
        await page.Locator("input[list=routes]").FillAsync("films");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "A film", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "A film", Level = 1 }).WaitForAsync();
        await _site.WaitForFileAsync("films/A%20film/film.mp4", cancellationToken);

        using var reading = await _site.Http.GetAsync(
            new Uri("fs/films/A%20film/film.mp4", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken
        );
        await using var body = await reading.Content.ReadAsStreamAsync(cancellationToken);
        await body.ReadExactlyAsync(new byte[1 << 20], cancellationToken);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Being watched now" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".reader .name")).ToHaveTextAsync("film.mp4");
        await body.CopyToAsync(Stream.Null, cancellationToken);

        // What the page says of the pieces is what the server has.
        await Assertions
            .Expect(page.Locator(".numbers > div").Filter(new() { HasText = "On disk" }).Locator("b"))
            .ToHaveTextAsync("45.8 MiB");

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Kept")).ToBeVisibleAsync();
        await visit.GoAsync("routes", "Library");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "A film", Exact = true })).ToBeVisibleAsync();
        visit.AssertClean();
    }

    [Test]
    public async Task A_reader_that_is_starved_is_told_why_and_who_may_only_read_sees_no_address(CancellationToken cancellationToken)
    {
        var content = LabContent.Folder("A choked film", [new LabFile("choked.mp4", 1_000_000)]);
        var torrent = content.CreateTorrent(64 << 10).Info;
        await using var tracker = LabTracker.Start();
        await using var peer = FaultyPeer.Start(
            new FaultyPeerOptions
            {
                InfoHash = torrent.InfoHash,
                Layout = new PieceLayout(1_000_000, 64 << 10),
                Metadata = torrent.Bytes,
                Address = IPAddress.Parse("127.0.0.95"),
                Content = static (destination, _) => destination.Clear(),
                Habit = PeerHabit.NeverUnchokes,
            }
        );
        tracker.AddPeer(torrent.InfoHash, peer.EndPoint, seed: true);
        await _site.AddAsync(
            "films",
            $"magnet:?xt=urn:btih:{torrent.InfoHash}&tr={Uri.EscapeDataString(tracker.HttpUrl)}",
            cancellationToken
        );
        await _site.WaitForFileAsync("films/A%20choked%20film/choked.mp4", cancellationToken);
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var reading = await _site.Http.GetAsync(
            new Uri("fs/films/A%20choked%20film/choked.mp4", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead,
            leaves.Token
        );

        await using var owner = await Visit.OpenAsync(_site, Screen.Desktop);
        await using var reader = await Visit.OpenAsync(_site, Screen.Phone, Site.Reader);
        foreach (var visit in new[] { owner, reader })
        {
            await visit.GoAsync("", "Overview");
            var item = visit.Page.Locator(".reader.waits");
            await Assertions.Expect(item).ToContainTextAsync("choked.mp4");
            await Assertions.Expect(item.Locator(".why")).ToContainTextAsync("chok");
            await visit.CheckLookAsync("overview-waits");
        }

        await Assertions.Expect(owner.Page.Locator(".reader.waits")).ToContainTextAsync("127.0.0.1");
        await Assertions.Expect(reader.Page.Locator(".reader.waits")).Not.ToContainTextAsync("127.0.0");
        await leaves.CancelAsync();
        owner.AssertClean();
        reader.AssertClean();
    }
}
