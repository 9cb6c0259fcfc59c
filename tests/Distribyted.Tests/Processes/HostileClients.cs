using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Distribyted.Tests.Processes;

/// <summary>Clients that mean harm, over plain sockets.</summary>
internal sealed class HostileClients(Uri listener)
{
    // A lock-out is for an address and a user: ours and the players' stay free.
    private static readonly IPAddress Players = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress Guesser = IPAddress.Parse("127.0.0.3");

    /// <summary>Opens a connection and sends a request head one byte a second that never ends. Ends when the server cuts it.</summary>
    public async Task DribbleAsync(CancellationToken cancellationToken)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            using var socket = await ConnectAsync(Players, cancellationToken);
            var cut = WaitForEndAsync(socket, cancellationToken);
            await socket.SendAsync("PROPFIND / HTTP/1.1\r\nHost: x\r\nX-Slow: "u8.ToArray(), cancellationToken);
            while (!cut.IsCompleted)
            {
                await Task.WhenAny(cut, tick.WaitForNextTickAsync(cancellationToken).AsTask());
                await socket.SendAsync("x"u8.ToArray(), cancellationToken);
            }

            await cut;
        }
        catch (SocketException)
        {
            // Cut while we were sending.
        }
    }

    /// <summary>Asks for a range of a file and is gone, with a reset, at some moment.</summary>
    public async Task AbortRangeAsync(string path, long offset, int moment, CancellationToken cancellationToken)
    {
        using var socket = await ConnectAsync(Players, cancellationToken);
        socket.LingerState = new LingerOption(true, 0); // RST, as a player that was swiped away
        var credentials = DaemonProcess.Credentials("anna", DaemonProcess.Password);
        var request = $"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credentials}\r\nRange: bytes={offset}-\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
        if (moment == 0)
        {
            return; // before the answer
        }

        var buffer = new byte[moment == 1 ? 12 : 200_000];
        var count = await socket.ReceiveAsync(buffer, cancellationToken);
        var answer = Encoding.ASCII.GetString(buffer, 0, Math.Min(count, 12));
        if (answer != "HTTP/1.1 206")
        {
            throw new InvalidDataException($"A range was answered \"{answer}\".");
        }
    }

    /// <summary>Tries passwords over one connection.</summary>
    /// <returns>How many were answered 401 and 429.</returns>
    public async Task<(int Refused, int Locked)> GuessAsync(string user, int count, CancellationToken cancellationToken)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, token) => new NetworkStream(await ConnectAsync(Guesser, token), ownsSocket: true),
        };
        using var client = new HttpClient(handler);
        var (refused, locked) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod("PROPFIND"), listener);
            request.Headers.TryAddWithoutValidation("Authorization", "Basic " + DaemonProcess.Credentials(user, $"guess {i}"));
            using var response = await client.SendAsync(request, cancellationToken);
            switch ((int)response.StatusCode)
            {
                case 401:
                    refused++;
                    break;
                case 429:
                    locked++;
                    break;
                default:
                    throw new InvalidDataException($"A wrong password was answered {(int)response.StatusCode}.");
            }
        }

        return (refused, locked);
    }

    /// <summary>The answer to a right password at the guesser's address.</summary>
    public async Task<(int Status, TimeSpan Wait)> SignInAsync(CancellationToken cancellationToken)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, token) => new NetworkStream(await ConnectAsync(Guesser, token), ownsSocket: true),
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, listener);
        request.Headers.TryAddWithoutValidation("Authorization", "Basic " + DaemonProcess.Credentials("anna", DaemonProcess.Password));
        using var response = await client.SendAsync(request, cancellationToken);
        return ((int)response.StatusCode, response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero);
    }

    private async Task<Socket> ConnectAsync(IPAddress from, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(IPAddress.Loopback, listener.Port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task WaitForEndAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[512];
        try
        {
            while (await socket.ReceiveAsync(buffer, cancellationToken) > 0)
            {
                // 408 first, then the end.
            }
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }
    }
}
