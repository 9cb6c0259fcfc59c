using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Distribyted.Web.Tests.Api;

/// <summary>Clients that close their connections before, in or right after an answer: nothing of that is an error of the server.</summary>
[CancelAfter(120_000)]
internal sealed class LeavingClientTests
{
    private const int Clients = 3;
    private const int Requests = 720;

    [Test]
    public async Task A_client_that_closes_its_connection_is_no_error(CancellationToken cancellationToken)
    {
        await using var bed = await WebBed.StartAsync(cancellationToken);
        var credentials = Convert.ToBase64String("anna:secret"u8);
        var port = bed.Client.BaseAddress!.Port;
        string[] addresses = ["/api/routes", "/api/log", "/fs/", "/nothing"];

        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Factory.StartNew(Ask, TaskCreationOptions.LongRunning));
        await Task.WhenAll(clients).WaitAsync(cancellationToken);
        await bed.StopAsync();

        Assert.That(bed.Log.Lines.Where(line => line.Contains("nhandled exception", StringComparison.Ordinal)), Is.Empty);

        void Ask()
        {
            Span<byte> buffer = new byte[1000];
            for (var i = 0; i < Requests / Clients; i++)
            {
                var address = addresses[i % addresses.Length];
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(IPAddress.Loopback, port);
                socket.Send(Encoding.ASCII.GetBytes($"GET {address} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\n\r\n"));
                var read = (i / 4 % 3) switch
                {
                    0 => 0,
                    1 => 1,
                    _ => buffer.Length,
                };
                if (read > 0)
                {
                    socket.Receive(buffer[..read]);
                }

                socket.LingerState = new LingerOption(i / 12 % 2 == 0, 0); // a reset, or a goodbye
            }
        }
    }
}
