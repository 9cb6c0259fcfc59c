using System.Net.Sockets;
using System.Text;

namespace Distribyted.Tests.Processes;

/// <summary>SIGTERM: whatever clients are doing, the process has ended in order within 5 seconds.</summary>
[Platform("Linux", Reason = "SIGTERM."), CancelAfter(180_000)]
internal sealed class ShutdownTests
{
    [Test, Retry(3)] // a machine that is busy with other things may miss it now and then, a daemon that waits for its clients always does
    public async Task SIGTERM_ends_it_within_5_seconds_although_clients_hang(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("distribyted-stop-").FullName;
        try
        {
            await using var daemon = await DaemonProcess.StartAsync(folder, "routes: [{name: films}]", cancellationToken);
            var credentials = DaemonProcess.Credentials("anna", DaemonProcess.Password);
            using var silent = await ConnectAsync(daemon.Dav, "", cancellationToken);
            using var halfAHead = await ConnectAsync(daemon.Dav, "PROPFIND / HTTP/1.1\r\nHost: x\r\nX-Slow: ", cancellationToken);
            using var follower = await ConnectAsync(
                daemon.Web,
                $"GET /api/log HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\n\r\n",
                cancellationToken
            );
            using var halfABody = await ConnectAsync(
                daemon.Dav,
                $"PUT /films/x.torrent HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\nContent-Length: 1000\r\n\r\nd8:",
                cancellationToken
            );
            Assert.That(await follower.ReceiveAsync(new byte[1], cancellationToken), Is.EqualTo(1));

            var took = await daemon.StopAsync(cancellationToken);

            Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(5)));
            Assert.That(daemon.ExitCode, Is.Zero, daemon.Output);
            Assert.That(daemon.Output, Does.Contain("Stopping."));
            Assert.That(File.Exists(Path.Combine(folder, "metadata", "pid")), Is.False, "it ended in order");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Socket> ConnectAsync(Uri listener, string text, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.Host, listener.Port, cancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), cancellationToken);
        return socket;
    }
}
