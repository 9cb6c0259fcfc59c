using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Lab;

/// <summary>Answers announces by HTTP (BEP 3, 7, 23) for a <see cref="LabTracker"/>.</summary>
internal sealed class LabTrackerHttp : IAsyncDisposable
{
    private const int MaxHead = 16 * 1024;

    private readonly LabTracker _tracker;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    internal LabTrackerHttp(LabTracker tracker, IPAddress address)
    {
        _tracker = tracker;
        _listener = new TcpListener(address, 0);
        _listener.Start();
        Url = $"http://{_listener.LocalEndpoint}/announce";
        _accepting = AcceptAsync();
    }

    internal string Url { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new ConcurrentDictionary<Task, bool>();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                var task = ServeAsync(socket);
                serving[task] = true;
                _ = task.ContinueWith(done => serving.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                break; // stopped
            }
        }

        await Task.WhenAll(serving.Keys);
    }

    /// <summary>Reads one request, answers it and closes: all that an announce needs.</summary>
    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                var head = new byte[MaxHead];
                var length = 0;
                while (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
                {
                    var read = length < head.Length ? await socket.ReceiveAsync(head.AsMemory(length), _stop.Token) : 0;
                    if (read == 0)
                    {
                        return;
                    }

                    length += read;
                }

                var target = Encoding.ASCII.GetString(head, 0, length).Split(' ', 3)[1];
                var body = target.StartsWith("/announce?", StringComparison.Ordinal)
                    ? Answer(target[10..], ((IPEndPoint)socket.RemoteEndPoint!).Address)
                    : null;
                var status = body is null ? "404 Not Found" : "200 OK";
                await socket.SendAsync(
                    Encoding.ASCII.GetBytes(
                        $"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {body?.Length ?? 0}\r\nConnection: close\r\n\r\n"
                    ),
                    _stop.Token
                );
                await socket.SendAsync(body ?? [], _stop.Token);
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e)
                when (e
                        is OperationCanceledException
                            or SocketException
                            or FormatException
                            or ArgumentException
                            or KeyNotFoundException
                            or IndexOutOfRangeException
                )
            {
                // A client that went away, or one that does not speak HTTP, gets nothing.
            }
        }
    }

    private byte[] Answer(string queryText, IPAddress from)
    {
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in queryText.Split('&'))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            query[equals < 0 ? pair : pair[..equals]] = equals < 0 ? "" : pair[(equals + 1)..];
        }

        var port = int.Parse(query["port"], CultureInfo.InvariantCulture);
        var announce = new LabAnnounce(
            new InfoHash(Unescape(query["info_hash"])),
            new PeerEndPoint(from, port),
            query.GetValueOrDefault("event", ""),
            long.Parse(query.GetValueOrDefault("left", "0"), CultureInfo.InvariantCulture),
            int.Parse(query.GetValueOrDefault("numwant", "-1"), CultureInfo.InvariantCulture),
            Udp: false,
            query
        );
        var peers = _tracker.Record(announce);
        if (_tracker.Failure is { } failure)
        {
            return Encoding.UTF8.GetBytes($"d14:failure reason{Encoding.UTF8.GetByteCount(failure)}:{failure}e");
        }

        using var body = new MemoryStream();
        var (v4, v6) = (CompactPeers.Write(peers, ipv6: false), CompactPeers.Write(peers, ipv6: true));
        var (seeds, others) = _tracker.Count(announce.InfoHash);
        var minimum = _tracker.MinInterval > 0 ? $"12:min intervali{_tracker.MinInterval}e" : "";
        body.Write(
            Encoding.ASCII.GetBytes(
                $"d8:completei{seeds}e10:incompletei{others}e8:intervali{_tracker.Interval}e{minimum}5:peers{v4.Length}:"
            )
        );
        body.Write(v4);
        body.Write(Encoding.ASCII.GetBytes($"6:peers6{v6.Length}:"));
        body.Write(v6);
        body.WriteByte((byte)'e');
        return body.ToArray();
    }

    private static byte[] Unescape(string text)
    {
        var bytes = new List<byte>(20);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                bytes.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                bytes.Add((byte)text[i]);
            }
        }

        return [.. bytes];
    }
}
