using System.Net.ServerSentEvents;
using System.Text.Json;
using Distribyted.Http.Users;
using Distribyted.Web.Changes;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Web.Tests.Api.V1;

/// <summary>GET /api/v1/events and /api/v1/stalls.</summary>
[CancelAfter(60_000)]
internal sealed class EventsResourceTests
{
    [Test]
    public async Task Changes_of_the_library_come_in_order(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await using var events = await Listener.StartAsync(bed, null, cancellationToken);

        var ready = await events.NextAsync("ready");
        await bed.PostTorrentAsync("films", Samples.Torrent, cancellationToken);
        var route = await events.NextAsync("routeAdded");
        var added = await events.NextAsync("torrentAdded");
        await bed.SendAsync("DELETE", $"/api/v1/routes/films/torrents/{Samples.Hash}", cancellationToken);
        var removed = await events.NextAsync("torrentRemoved");

        Assert.That(ready.EventId, Does.EndWith("-0"));
        Assert.That(Field(route, "route"), Is.EqualTo("films"));
        Assert.That((Field(added, "hash"), Field(added, "name")), Is.EqualTo((Samples.Hash, "A film")));
        Assert.That(Field(removed, "hash"), Is.EqualTo(Samples.Hash));
    }

    [Test]
    public async Task Who_comes_back_gets_what_was_missed_once_and_who_asks_for_what_is_unknown_is_reset(
        CancellationToken cancellationToken
    )
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        string last;
        await using (var first = await Listener.StartAsync(bed, null, cancellationToken))
        {
            last = (await first.NextAsync("ready")).EventId!;
            foreach (var name in new[] { "a", "b", "c" })
            {
                await bed.SendAsync("POST", "/api/v1/routes", cancellationToken, RoutesResourceTests.Body($$"""{"name": "{{name}}"}"""));
            }

            await first.NextAsync("routeAdded");
        }

        await using var second = await Listener.StartAsync(bed, last, cancellationToken);
        var missed = new[] { await second.NextAsync(), await second.NextAsync(), await second.NextAsync() };
        await using var third = await Listener.StartAsync(bed, missed[1].EventId, cancellationToken);
        var rest = await third.NextAsync();
        await using var fourth = await Listener.StartAsync(bed, "another-17", cancellationToken);
        var reset = await fourth.NextAsync();

        Assert.That(missed.Select(e => Field(e, "route")), Is.EqualTo(["a", "b", "c"]));
        Assert.That(Field(rest, "route"), Is.EqualTo("c"));
        Assert.That(reset.EventType, Is.EqualTo("reset"));
    }

    [Test]
    public async Task Who_sees_some_routes_hears_of_those_only(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(
            cancellationToken,
            user: HttpUser.Create("anna", "secret", UserRights.Read, ["music"])
        );
        await using var events = await Listener.StartAsync(bed, null, cancellationToken);
        await events.NextAsync("ready");

        await bed.Library.MakeRouteAsync("films", cancellationToken);
        await bed.Library.MakeRouteAsync("music", cancellationToken);

        Assert.That(Field(await events.NextAsync(), "route"), Is.EqualTo("music"));
    }

    [Test]
    public async Task A_reader_that_waits_is_told_and_kept_over_a_restart(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        await bed.PostTorrentAsync("films", Samples.Torrent, cancellationToken);
        await using var events = await Listener.StartAsync(bed, null, cancellationToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var read = ReadAsync(bed, end.Token);

        var waits = await events.NextAsync("readerWaits");
        var during = (await bed.GetAsync("/api/v1/stalls", cancellationToken)).GetProperty("items");
        await end.CancelAsync();
        await read;
        var goesOn = await events.NextAsync("readerGoesOn");
        var after = (await bed.GetAsync("/api/v1/stalls", cancellationToken)).GetProperty("items");

        using var stall = JsonDocument.Parse(waits.Data);
        Assert.That(stall.RootElement.GetProperty("stall").GetProperty("cause").GetString(), Is.EqualTo("sourcesFail"));
        Assert.That(during[0].GetProperty("isOver").GetBoolean(), Is.False);
        Assert.That(Field(goesOn, "reader"), Is.EqualTo(Field(waits, "reader")));
        Assert.That((after.GetArrayLength(), after[0].GetProperty("isOver").GetBoolean()), Is.EqualTo((1, true)));
        Assert.That(after[0].GetProperty("file").GetString(), Is.EqualTo("film.mkv"));
        Assert.That(after[0].GetProperty("seconds").GetDouble(), Is.GreaterThanOrEqualTo(1));
        var text = await File.ReadAllTextAsync(Path.Combine(bed.Folder, "stalls.jsonl"), cancellationToken);
        Assert.That(text, Does.Contain("sourcesFail").And.Contain("\"isOver\":true"));
    }

    [Test]
    [CancelAfter(240_000)]
    public async Task A_hundred_listeners_get_a_thousand_changes_each_once_in_order_also_those_who_come_and_go(
        CancellationToken cancellationToken
    )
    {
        const int listeners = 100;
        const int real = 50; // changes of the library; the others are published as its watch does
        const int all = 1000;
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var feed = bed.Services.GetRequiredService<ChangeFeed>();
        var places = Enumerable.Range(0, listeners).Select(_ => new TaskCompletionSource()).ToArray();
        var heard = Enumerable.Range(0, listeners).Select(i => HearAsync(bed, i, all, places[i], cancellationToken)).ToArray();
        await Task.WhenAll(places.Select(place => place.Task.WaitAsync(cancellationToken)));

        for (var i = 0; i < real; i++)
        {
            await bed.Library.MakeRouteAsync($"r{i}", cancellationToken);
        }

        await Poll.UntilAsync(() => Task.FromResult(feed.Last), static last => last >= real, cancellationToken);
        for (var i = real; i < all; i++)
        {
            feed.Publish(new Change("routeAdded", ["films"], $$"""{"type":"routeAdded","route":"r{{i}}"}""", "{}"));
        }

        var wanted = Enumerable.Range(0, all).Select(static i => $"r{i}").ToArray();
        foreach (var (routes, returns) in await Task.WhenAll(heard).WaitAsync(cancellationToken))
        {
            Assert.That(routes, Is.EqualTo(wanted));
            Assert.That(returns, Is.InRange(0, 10));
        }

        Assert.That((await Task.WhenAll(heard)).Sum(static h => h.Returns), Is.GreaterThan(listeners), "many came back");
    }

    [Test]
    [CancelAfter(240_000)]
    public async Task Listeners_who_do_not_read_cost_no_memory_for_each_change(CancellationToken cancellationToken)
    {
        const int listeners = 100;
        const int kept = 4096;
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var feed = bed.Services.GetRequiredService<ChangeFeed>();
        List<HttpResponseMessage> open = [];
        for (var i = 0; i < listeners; i++)
        {
            open.Add(await bed.Client.GetAsync("/api/v1/events", HttpCompletionOption.ResponseHeadersRead, cancellationToken));
        }

        Publish(2 * kept); // until what is kept is full, and so are the buffers of the connections
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Publish(10 * kept);
        var after = GC.GetTotalMemory(forceFullCollection: true);

        Assert.That(after - before, Is.LessThan(16L << 20), "bytes; a queue of each listener would have 400 MB");
        open.ForEach(static response => response.Dispose());

        void Publish(int count)
        {
            for (var i = 0; i < count; i++)
            {
                feed.Publish(new Change("routeAdded", ["films"], $$"""{"type":"routeAdded","route":"r{{i:D60}}"}""", "{}"));
            }
        }
    }

    // Goes away and comes back now and then, as a phone does.
    private static async Task<(List<string> Routes, int Returns)> HearAsync(
        WebBed bed,
        int number,
        int all,
        TaskCompletionSource isThere,
        CancellationToken cancellationToken
    )
    {
        List<string> routes = [];
        string? last = null;
        var returns = -1;
        while (routes.Count < all)
        {
            await using var events = await Listener.StartAsync(bed, last, cancellationToken);
            returns++;
            if (last is null)
            {
                last = (await events.NextAsync("ready")).EventId;
                isThere.SetResult();
            }

            var most = number % 4 == 0 ? all : 150 + (number * 3);
            for (var i = 0; i < most && routes.Count < all; i++)
            {
                var item = await events.NextAsync();
                Assert.That(item.EventType, Is.EqualTo("routeAdded"));
                routes.Add(Field(item, "route")!);
                last = item.EventId;
            }
        }

        return (routes, returns);
    }

    private static async Task ReadAsync(WebBed bed, CancellationToken cancellationToken)
    {
        try
        {
            await bed.SendAsync("GET", "/fs/films/A%20film/film.mkv", cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The player was closed.
        }
    }

    private static string? Field(SseItem<string> item, string name)
    {
        return Json.Field(item.Data, name);
    }

    /// <summary>One open request for events.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly IAsyncEnumerator<SseItem<string>> _items;

        private Listener(HttpResponseMessage response, IAsyncEnumerator<SseItem<string>> items)
        {
            _response = response;
            _items = items;
        }

        public static async Task<Listener> StartAsync(WebBed bed, string? last, CancellationToken cancellationToken)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
            if (last is not null)
            {
                request.Headers.Add("Last-Event-ID", last);
            }

            var response = await bed.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/event-stream"));
            var parser = SseParser.Create(await response.Content.ReadAsStreamAsync(cancellationToken));
            return new Listener(response, parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken));
        }

        public async Task<SseItem<string>> NextAsync(string? type = null)
        {
            do
            {
                Assert.That(await _items.MoveNextAsync(), Is.True);
            } while (type is not null && _items.Current.EventType != type);

            return _items.Current;
        }

        public async ValueTask DisposeAsync()
        {
            _response.Dispose();
            await _items.DisposeAsync();
        }
    }
}
