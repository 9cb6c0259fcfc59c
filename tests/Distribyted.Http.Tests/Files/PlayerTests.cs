using System.Text;
using CsCheck;
using Distribyted.Http.Tests.Wire;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.Http.Tests.Files;

/// <summary>What players do to a server when users are impatient: many pieces at once, dropped, asked for again, and long pauses.</summary>
[TestFixture]
public sealed class PlayerTests
{
    private const string Odd = "Ünï & #?%+;[1]~!$'()*,:@={x}|^`\"<>🎬.mkv";
    private static readonly byte[] Film = Content(24_000_000);

    private CountedFs _files = null!;
    private ListenerHost _host = null!;
    private FakeTimeProvider _time = null!;

    [SetUp]
    public async Task Start()
    {
        var store = new MemoryFs();
        store.AddFile("/film.mkv", Film);
        store.AddFile("/" + Odd, "odd"u8.ToArray());
        _files = new CountedFs(store);
        _time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _host = await ListenerHost.StartAsync(_files, time: _time);
    }

    [TearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
    }

    [Test, CancelAfter(60_000)]
    public async Task Dozens_of_pieces_at_once_are_each_the_right_one_whatever_is_dropped_beside_them(CancellationToken cancellationToken)
    {
        var seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var players = Enumerable.Range(0, 64).Select(i => (From: random.Next(Film.Length), Drop: i % 2 == 0, Hard: i % 4 == 0)).ToArray();

        await Task.WhenAll(players.Select(player => PlayAsync(player.From, player.Drop, player.Hard, cancellationToken)));

        Assert.That(_files.Opened, Is.EqualTo(players.Length));
        await _files.WaitUntilClosedAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_film_that_is_opened_and_dropped_over_and_over_is_as_good_as_new(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 200; i++)
        {
            await PlayAsync(i * 100_000, drop: true, hard: i % 2 == 0, cancellationToken);
        }

        await _files.WaitUntilClosedAsync(cancellationToken);
        var answer = await _host.AskAsync("GET /film.mkv HTTP/1.1", cancellationToken);

        Assert.That(answer.Body.AsSpan().SequenceEqual(Film));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_storm_of_heads_opens_nothing(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskFiftyAsync(cancellationToken)));

        Assert.That(_files.Opened, Is.Zero);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(24)]
    [TestCase(40)]
    [CancelAfter(60_000)]
    public async Task Connections_that_say_half_a_request_hold_no_other_up(int sent, CancellationToken cancellationToken)
    {
        const string Request = "GET /film.mkv HTTP/1.1\r\nHost: x\r\nRange: bytes=7-9\r\n\r\n";
        var silent = new List<WireClient>();
        for (var i = 0; i < 200; i++)
        {
            var client = await _host.ConnectAsync(cancellationToken);
            await client.SendRawAsync(Request[..sent], cancellationToken);
            silent.Add(client);
        }

        var answer = await _host.AskAsync("GET /film.mkv HTTP/1.1\nRange: bytes=5-9", cancellationToken);
        Assert.That(answer.Body, Is.EqualTo(Film[5..10]));
        Assert.That(_files.Opened, Is.EqualTo(1));

        // They were slow, not gone: the other half is still good.
        foreach (var client in silent)
        {
            await client.SendRawAsync(Request[sent..], cancellationToken);
            Assert.That((await client.ReadAsync(isHead: false, cancellationToken)).Body, Is.EqualTo(Film[7..10]));
        }

        foreach (var client in silent)
        {
            await client.DisposeAsync();
        }
    }

    [Test, CancelAfter(60_000)]
    public async Task A_client_that_closes_its_half_is_gone_and_nothing_short_looks_whole(CancellationToken cancellationToken)
    {
        await using var client = await _host.ConnectAsync(cancellationToken);
        await client.SendAsync("GET /film.mkv HTTP/1.1", cancellationToken);
        await _files.WaitUntilStuckAsync(cancellationToken);
        Assert.That(_files.Read, Is.LessThan(Film.Length), "the client holds it up");

        client.CloseHalf();
        var answer = await client.ReadAsync(isHead: false, cancellationToken);

        Assert.That(answer["Content-Length"], Is.EqualTo($"{Film.Length}"));
        Assert.That(answer.IsCut, Is.EqualTo(answer.Body.Length < Film.Length));
        Assert.That(answer.Body.AsSpan().SequenceEqual(Film.AsSpan(0, answer.Body.Length)));
        await _files.WaitUntilClosedAsync(cancellationToken);
    }

    [Test, CancelAfter(60_000)]
    public async Task A_pause_of_ten_minutes_costs_nothing_and_the_film_goes_on(CancellationToken cancellationToken)
    {
        await using var client = await _host.ConnectAsync(cancellationToken);
        await client.SendAsync("GET /film.mkv HTTP/1.1\nRange: bytes=1000-", cancellationToken);
        var head = await client.ReadHeadAsync(cancellationToken);
        await _files.WaitUntilStuckAsync(cancellationToken);
        Assert.That(_files.Read, Is.LessThan(Film.Length), "the client holds it up");

        for (var minute = 0; minute < 10; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        var (body, isCut) = await client.ReadBodyAsync(Film.Length - 1000, cancellationToken);
        Assert.That((head.Status, isCut), Is.EqualTo((206, false)));
        Assert.That(body.AsSpan().SequenceEqual(Film.AsSpan(1000)));
        Assert.That(_files.Opened, Is.EqualTo(1), "it is the same reader");
    }

    [Test, CancelAfter(60_000)]
    public async Task Every_spelling_of_a_name_is_that_file(CancellationToken cancellationToken)
    {
        await using var client = await _host.ConnectAsync(cancellationToken);

        await Spellings(Odd)
            .SampleAsync(
                async spelling =>
                {
                    var answer = await client.AskAsync($"GET /{spelling} HTTP/1.1", cancellationToken);
                    Assert.That((answer.Status, answer.Text), Is.EqualTo((200, "odd")), spelling);
                },
                iter: 300,
                threads: 1
            );
    }

    // Each byte as itself where a request target may hold it, or as %xx, or as %XX.
    private static Gen<string> Spellings(string name)
    {
        const string NeverBare = " #?%\"<>\\^`{|}/";
        var bytes = Encoding.UTF8.GetBytes(name);
        return Gen.Int[0, 2]
            .Array[bytes.Length]
            .Select(ways =>
                string.Concat(
                    bytes.Select(
                        (b, i) =>
                            ways[i] == 0 && b is > 0x20 and < 0x7F && !NeverBare.Contains((char)b, StringComparison.Ordinal) ? $"{(char)b}"
                            : ways[i] == 1 ? $"%{b:x2}"
                            : $"%{b:X2}"
                    )
                )
            );
    }

    private async Task PlayAsync(int from, bool drop, bool hard, CancellationToken cancellationToken)
    {
        await using var client = await _host.ConnectAsync(cancellationToken);
        await client.SendAsync($"GET /film.mkv HTTP/1.1\nRange: bytes={from}-", cancellationToken);
        var head = await client.ReadHeadAsync(cancellationToken);
        var length = Film.Length - from;
        Assert.That((head.Status, head["Content-Length"]), Is.EqualTo((206, $"{length}")));

        var (body, isCut) = await client.ReadBodyAsync(drop ? Math.Min(length, 1000) : length, cancellationToken);

        Assert.That(isCut, Is.False);
        Assert.That(body.AsSpan().SequenceEqual(Film.AsSpan(from, body.Length)));
        if (hard)
        {
            client.Reset();
        }
    }

    private async Task AskFiftyAsync(CancellationToken cancellationToken)
    {
        await using var client = await _host.ConnectAsync(cancellationToken);
        for (var i = 0; i < 50; i++)
        {
            await client.SendAsync("HEAD /film.mkv HTTP/1.1", cancellationToken); // none of them waits for an answer
        }

        for (var i = 0; i < 50; i++)
        {
            var answer = await client.ReadAsync(isHead: true, cancellationToken);
            Assert.That((answer.Status, answer["Content-Length"]), Is.EqualTo((200, $"{Film.Length}")));
        }
    }

    private static byte[] Content(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
