using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.Web.Logs;
using Microsoft.Extensions.DependencyInjection;

namespace Distribyted.Web.Tests.Api;

/// <summary>Clients that go away while an answer is made: the work behind it is cancelled, and nothing of that is an error of the server.</summary>
[CancelAfter(60_000)]
internal sealed class LeavingClientTests
{
    [TestCase("find", "/fs/film.mkv", false)]
    [TestCase("open", "/fs/film.mkv", true)]
    [TestCase("read", "/fs/film.mkv", false)]
    [TestCase("read", "/fs/film.mkv", true)]
    [TestCase("list", "/fs/", false)]
    public async Task Work_in_the_tree_is_cancelled(string step, string address, bool isReset, CancellationToken cancellationToken)
    {
        var files = new WaitingFs(step);
        await using var bed = await WebBed.StartAsync(cancellationToken, tree: files);

        using (var client = await AskAsync(bed, address, cancellationToken))
        {
            await files.Reached.WaitAsync(cancellationToken);
            client.LingerState = new LingerOption(isReset, 0); // a reset, or a plain close
        }

        await files.Cancelled.WaitAsync(cancellationToken);
        await bed.StopAsync();
        Assert.That(bed.Log.All, Does.Not.Contain("nhandled exception"));
    }

    [TestCase(false), TestCase(true)]
    public async Task A_log_is_followed_no_longer(bool isReset, CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var feed = bed.Services.GetRequiredService<LogFeed>();

        using (var client = await AskAsync(bed, "/api/log", cancellationToken))
        {
            await WaitUntilAsync(() => feed.Followers == 1, cancellationToken);
            client.LingerState = new LingerOption(isReset, 0);
        }

        await WaitUntilAsync(() => feed.Followers == 0, cancellationToken);
        await bed.StopAsync();
        Assert.That(bed.Log.All, Does.Not.Contain("nhandled exception"));
    }

    private static async Task<Socket> AskAsync(WebBed bed, string address, CancellationToken cancellationToken)
    {
        var credentials = Convert.ToBase64String("anna:secret"u8);
        var head = $"GET {address} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\n\r\n";
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, bed.Client.BaseAddress!.Port, cancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        return socket;
    }

    private static async Task WaitUntilAsync(Func<bool> holds, CancellationToken cancellationToken)
    {
        while (!holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }
    }
}
