using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.FileSystem;
using Distribyted.Http.Tests.Wire;
using Distribyted.Http.Transport;
using Distribyted.Testing;

namespace Distribyted.Http.Tests.Transport;

/// <summary>Bytes that go from where they lie into the socket. On other systems than Linux the same answers come the common way.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class DirectOutputTests
{
    private const int Length = 12_345_678; // more than sockets hold

    private string _folder = "";
    private byte[] _film = [];

    [SetUp]
    public void MakeFile()
    {
        _folder = Directory.CreateTempSubdirectory("direct-").FullName;
        _film = new byte[Length];
        new Random(7).NextBytes(_film);
        File.WriteAllBytes(Path.Combine(_folder, "disk.mkv"), _film);
    }

    [TearDown]
    public void DeleteFile()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_slow_client_gets_every_byte([Values("/disk.mkv", "/memory.mkv")] string path, CancellationToken cancellationToken)
    {
        var store = Store();
        await using var host = await ListenerHost.StartAsync(store);
        await using var client = await host.ConnectSlowlyAsync(cancellationToken);

        var answer = await client.AskAsync($"GET {path} HTTP/1.1", cancellationToken);

        Assert.That(answer.Status, Is.EqualTo(200));
        Assert.That(answer.Body.AsSpan().SequenceEqual(_film));
    }

    [Test]
    public async Task Requests_on_one_connection_do_not_mix(CancellationToken cancellationToken)
    {
        await using var host = await ListenerHost.StartAsync(Store());
        await using var client = await host.ConnectAsync(cancellationToken);
        var random = new Random(11);

        for (var i = 0; i < 200; i++)
        {
            var path = random.Next(2) == 0 ? "/disk.mkv" : "/memory.mkv";
            var from = random.Next(Length);
            var last = Math.Min(Length - 1, from + random.Next(1, 300_000));
            var answer = await client.AskAsync($"GET {path} HTTP/1.1\nRange: bytes={from}-{last}", cancellationToken);
            Assert.That(answer.Status, Is.EqualTo(206));
            Assert.That(answer.Body.AsSpan().SequenceEqual(_film.AsSpan(from, last - from + 1)), $"{path} {from}-{last}");
        }
    }

    [Test]
    public async Task Many_clients_at_once_get_what_they_ask_for(CancellationToken cancellationToken)
    {
        await using var host = await ListenerHost.StartAsync(Store());

        await Task.WhenAll(Enumerable.Range(0, 48).Select(AskAsync));

        async Task AskAsync(int number)
        {
            await using var client = await host.ConnectAsync(cancellationToken);
            for (var i = 0; i < 5; i++)
            {
                var from = ((number * 5) + i) * 40_000;
                var answer = await client.AskAsync($"GET /disk.mkv HTTP/1.1\nRange: bytes={from}-{from + 999_999}", cancellationToken);
                Assert.That(answer.Body.AsSpan().SequenceEqual(_film.AsSpan(from, 1_000_000)));
            }
        }
    }

    [Test]
    public async Task Several_ranges_have_their_frames_between_them(
        [Values("/disk.mkv", "/memory.mkv")] string path,
        CancellationToken cancellationToken
    )
    {
        await using var host = await ListenerHost.StartAsync(Store());

        var answer = await host.AskAsync(
            $"GET {path} HTTP/1.1\nRange: bytes=0-99,1000000-7000000,12345670-\nConnection: close",
            cancellationToken
        );

        var text = Encoding.Latin1.GetString(answer.Body);
        var boundary = text[..text.IndexOf('\r', StringComparison.Ordinal)];
        var parts = new[] { (0, 99), (1_000_000, 7_000_000), (12_345_670, Length - 1) };
        var expected = new StringBuilder();
        foreach (var (from, last) in parts)
        {
            expected.Append(CultureInfo.InvariantCulture, $"{(from == 0 ? "" : "\r\n")}{boundary}\r\nContent-Type: video/x-matroska\r\n");
            expected.Append(CultureInfo.InvariantCulture, $"Content-Range: bytes {from}-{last}/{Length}\r\n\r\n");
            expected.Append(Encoding.Latin1.GetString(_film.AsSpan(from, last - from + 1)));
        }

        expected.Append("\r\n").Append(boundary).Append("--\r\n");
        Assert.That(text, Is.EqualTo(expected.ToString()));
    }

    [Test]
    public async Task A_client_that_goes_leaves_nothing_pinned(CancellationToken cancellationToken)
    {
        var files = new CountedFs(Store());
        await using var host = await ListenerHost.StartAsync(files);
        for (var i = 0; i < 20; i++)
        {
            await using var client = await host.ConnectSlowlyAsync(cancellationToken);
            client.Reset();
            await client.SendAsync(i % 2 == 0 ? "GET /disk.mkv HTTP/1.1" : "GET /memory.mkv HTTP/1.1", cancellationToken);
            await client.ReadHeadAsync(cancellationToken);
        }

        await files.WaitUntilClosedAsync(cancellationToken);
        Assert.That(files.Read, Is.GreaterThan(0));
        Assert.That(files.Pinned, Is.Zero);
    }

    [Test, Platform("Linux")]
    public async Task Who_has_gone_before_bytes_are_sent_is_no_mistake(CancellationToken cancellationToken)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndPoint!, cancellationToken);
        var output = new DirectOutput(socket, new Pacing());
        socket.Dispose();

        Assert.That(output.TrySend(new PinnedBytes(null, 0, _film, Length, null), more: false), Is.EqualTo(-1));
        Assert.That(output.IsOver);
        Assert.That((await output.FlushAsync(cancellationToken)).IsCompleted);
    }

    [Test, Platform("Linux")]
    public async Task Uncounted_bytes_cut_the_connection(CancellationToken cancellationToken)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndPoint!, cancellationToken);
        using var client = await listener.AcceptAsync(cancellationToken);
        var output = new DirectOutput(socket, new Pacing());
        var body = PipeWriter.Create(Stream.Null); // its memory is no placeholder, as that of a response that Kestrel has ended

        Assert.That(output.TrySend(body, new PinnedBytes(null, 0, _film.AsMemory(0, 5), 5, null), more: false), Is.EqualTo(-1));

        Assert.That(output.IsOver);
        var received = new byte[10];
        Assert.That(await client.ReceiveAsync(received, cancellationToken), Is.EqualTo(5));
        Assert.That(await client.ReceiveAsync(received, cancellationToken), Is.Zero, "nothing follows");
    }

    [Test, Platform("Linux")]
    public async Task A_file_that_became_shorter_cuts_the_answer(CancellationToken cancellationToken)
    {
        var store = Store();
        await using var host = await ListenerHost.StartAsync(store);
        await using (var file = File.OpenWrite(Path.Combine(_folder, "disk.mkv")))
        {
            file.SetLength(1_000_000);
        }

        await using var client = await host.ConnectAsync(cancellationToken);
        var answer = await client.AskAsync("GET /disk.mkv HTTP/1.1", cancellationToken);

        Assert.That(answer.IsCut);
        Assert.That(answer.Body.AsSpan().SequenceEqual(_film.AsSpan(0, Math.Min(answer.Body.Length, 1_000_000))), "and nothing invented");
    }

    private MemoryFs Store()
    {
        var store = new MemoryFs();
        store.Import(_folder);
        store.AddFile("/memory.mkv", _film);
        return store;
    }
}
