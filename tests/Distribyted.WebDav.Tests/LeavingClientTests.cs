using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.Testing;

namespace Distribyted.WebDav.Tests;

/// <summary>Clients that close their connections, as curl and nginx do after each request: nothing of that is an error of the server.</summary>
[TestFixture, CancelAfter(120_000)]
internal sealed class LeavingClientTests
{
    private const int Clients = 3;
    private const int Requests = 600;

    /// <param name="method">The request.</param>
    /// <param name="path">Where.</param>
    /// <param name="read">Bytes of the answer after which the client closes; -1: all of it.</param>
    /// <param name="isReset">It closes with a reset.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    [TestCase("PROPFIND", "/many/", -1, false)]
    [TestCase("PROPFIND", "/many/", 1, false)]
    [TestCase("PROPFIND", "/many/", 1, true)]
    [TestCase("PROPFIND", "/many/", 0, true)]
    [TestCase("GET", "/film.mkv", -1, false)]
    [TestCase("GET", "/film.mkv", 1, false)]
    [TestCase("GET", "/film.mkv", 1, true)]
    [TestCase("GET", "/film.mkv", 0, true)]
    [TestCase("GET", "/many/", 1, true)]
    public async Task A_client_that_closes_its_connection_is_no_error(
        string method,
        string path,
        int read,
        bool isReset,
        CancellationToken cancellationToken
    )
    {
        using var log = new RecordingLog();
        await using (
            var server = await DavServer.StartAsync(
                store =>
                {
                    store.AddFile("/film.mkv", new byte[300_000]);
                    for (var i = 0; i < 60; i++)
                    {
                        store.AddFile($"/many/Some Show - S01E{i:00}.mkv", new byte[1]);
                    }
                },
                log: log
            )
        )
        {
            var request = Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: x\r\nDepth: 1\r\n\r\n");
            // On threads of their own: a client that closes at once does so while the server still sends.
            var clients = Enumerable.Range(0, Clients).Select(_ => Task.Factory.StartNew(Ask, TaskCreationOptions.LongRunning));
            await Task.WhenAll(clients).WaitAsync(cancellationToken);

            void Ask()
            {
                for (var i = 0; i < Requests / Clients; i++)
                {
                    using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    socket.Connect(IPAddress.Loopback, server.Port);
                    socket.Send(request);
                    Read(socket, read);
                    socket.LingerState = new LingerOption(isReset, 0);
                }
            }
        }

        var errors = log.Lines.Where(IsError).ToArray();
        Assert.That(errors, Is.Empty, $"{errors.Length} of {Requests}");
    }

    // A request failed (ours), or an exception came out of the application (Kestrel's).
    private static bool IsError(string line)
    {
        return line.StartsWith("3001 ", StringComparison.Ordinal) || line.Contains("unhandled exception", StringComparison.Ordinal);
    }

    private static void Read(Socket socket, int most)
    {
        Span<byte> buffer = new byte[64 * 1024];
        for (var left = most; left != 0; )
        {
            var received = socket.Receive(left < 0 ? buffer : buffer[..Math.Min(left, buffer.Length)]);
            Assert.That(received, Is.Positive);
            left = (left < 0 ? Length(buffer[..received]) : left) - received;
        }
    }

    // Of head and body.
    private static int Length(ReadOnlySpan<byte> start)
    {
        var head = start.IndexOf("\r\n\r\n"u8);
        var length = start[(start.IndexOf("Content-Length: "u8) + 16)..head];
        length = length[..(length.IndexOf((byte)'\r') is var end && end < 0 ? length.Length : end)];
        return head + 4 + int.Parse(length, CultureInfo.InvariantCulture);
    }
}
