using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Lab;

/// <summary>A tracker in this process: HTTP (BEP 3, 7, 23) and UDP (BEP 15, 41) announces for any number of torrents, on loopback.</summary>
/// <remarks>Written against the BEPs without the engine's codecs, so that a mistake there is not mirrored here. Safe for use by many threads.</remarks>
public sealed class LabTracker : IAsyncDisposable
{
    private const ulong ProtocolMagic = 0x41727101980; // BEP 15
    private const int MaxHead = 16 * 1024;

    private readonly TcpListener _http;
    private readonly Socket _udp;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<InfoHash, ConcurrentDictionary<PeerEndPoint, bool>> _peers = new(); // true: has everything
    private readonly ConcurrentQueue<LabAnnounce> _announces = new();
    private readonly ConcurrentDictionary<ulong, IPEndPoint> _connections = new();
    private readonly Task _loops;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _dropUdp;

    private LabTracker(IPAddress address)
    {
        _http = new TcpListener(address, 0);
        _http.Start();
        _udp = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _udp.Bind(new IPEndPoint(address, 0));
        HttpUrl = $"http://{_http.LocalEndpoint}/announce";
        UdpUrl = $"udp://{_udp.LocalEndPoint}/announce";
        _loops = Task.WhenAll(AcceptAsync(), ReceiveAsync());
    }

    /// <summary>Its address by HTTP.</summary>
    public string HttpUrl { get; }

    /// <summary>Its address by UDP.</summary>
    public string UdpUrl { get; }

    /// <summary>What peers are told to wait between announces, seconds.</summary>
    public int Interval { get; set; } = 1800;

    /// <summary>The shortest wait, seconds; 0: not said. HTTP only.</summary>
    public int MinInterval { get; set; }

    /// <summary>When set, every announce fails with these words.</summary>
    public string? Failure { get; set; }

    /// <summary>When set, the next datagrams are thrown away unread, as a bad line would.</summary>
    public int DropNextDatagrams
    {
        get => Volatile.Read(ref _dropUdp);
        set => Volatile.Write(ref _dropUdp, value);
    }

    /// <summary>Every announce so far, oldest first.</summary>
    public IReadOnlyCollection<LabAnnounce> Announces => _announces;

    /// <summary>Opens both doors on a free port.</summary>
    /// <param name="address">Where to listen; null: 127.0.0.1.</param>
    public static LabTracker Start(IPAddress? address = null)
    {
        return new LabTracker(address ?? IPAddress.Loopback);
    }

    /// <summary>Names a peer that never announces itself.</summary>
    public void AddPeer(InfoHash torrent, PeerEndPoint peer, bool seed = true)
    {
        _peers.GetOrAdd(torrent, _ => new())[peer] = seed;
    }

    /// <summary>The peers it would name for a torrent.</summary>
    public IReadOnlyCollection<PeerEndPoint> PeersOf(InfoHash torrent)
    {
        return _peers.TryGetValue(torrent, out var peers) ? [.. peers.Keys] : [];
    }

    /// <summary>Waits until the announces so far satisfy a condition.</summary>
    public async Task WaitForAsync(Func<IReadOnlyCollection<LabAnnounce>, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (condition(_announces))
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        _http.Stop();
        _udp.Dispose();
        await _loops;
    }

    private async Task AcceptAsync()
    {
        var serving = new ConcurrentDictionary<Task, bool>();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _http.AcceptSocketAsync(_stop.Token);
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

    /// <summary>One request, one answer, goodbye: all that an announce needs.</summary>
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
                    ? AnswerHttp(target[10..], ((IPEndPoint)socket.RemoteEndPoint!).Address)
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

    private byte[] AnswerHttp(string queryText, IPAddress from)
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
        var peers = Take(announce);
        if (Failure is { } failure)
        {
            return Encoding.UTF8.GetBytes($"d14:failure reason{Encoding.UTF8.GetByteCount(failure)}:{failure}e");
        }

        using var body = new MemoryStream();
        var (v4, v6) = (Compact(peers, ipv6: false), Compact(peers, ipv6: true));
        var (seeds, others) = Count(announce.InfoHash);
        var minimum = MinInterval > 0 ? $"12:min intervali{MinInterval}e" : "";
        body.Write(
            Encoding.ASCII.GetBytes($"d8:completei{seeds}e10:incompletei{others}e8:intervali{Interval}e{minimum}5:peers{v4.Length}:")
        );
        body.Write(v4);
        body.Write(Encoding.ASCII.GetBytes($"6:peers6{v6.Length}:"));
        body.Write(v6);
        body.WriteByte((byte)'e');
        return body.ToArray();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[2048];
        EndPoint any = new IPEndPoint(_udp.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, any, _stop.Token);
                if (DropNextDatagrams > 0)
                {
                    Interlocked.Decrement(ref _dropUdp);
                    continue;
                }

                var from = (IPEndPoint)received.RemoteEndPoint;
                if (AnswerUdp(buffer.AsSpan(0, received.ReceivedBytes), from) is { } answer)
                {
                    await _udp.SendToAsync(answer, SocketFlags.None, from, _stop.Token);
                }
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // An earlier answer found nobody; the next request is not to blame.
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return; // stopped
            }
        }
    }

    private byte[]? AnswerUdp(ReadOnlySpan<byte> packet, IPEndPoint from)
    {
        if (packet.Length < 16)
        {
            return null;
        }

        var connection = BinaryPrimitives.ReadUInt64BigEndian(packet);
        var action = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        var transaction = packet.Slice(12, 4);
        if (action == 0 && connection == ProtocolMagic)
        {
            var id = BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(8));
            _connections[id] = from;
            var answer = new byte[16];
            transaction.CopyTo(answer.AsSpan(4));
            BinaryPrimitives.WriteUInt64BigEndian(answer.AsSpan(8), id);
            return answer;
        }

        if (action != 1 || packet.Length < 98)
        {
            return null;
        }

        if (!_connections.TryGetValue(connection, out var owner) || !owner.Equals(from))
        {
            return Error(transaction, "connection id unknown");
        }

        var announce = new LabAnnounce(
            new InfoHash(packet.Slice(16, 20)),
            new PeerEndPoint(from.Address, BinaryPrimitives.ReadUInt16BigEndian(packet[96..])),
            BinaryPrimitives.ReadUInt32BigEndian(packet[80..]) switch
            {
                1 => "completed",
                2 => "started",
                3 => "stopped",
                _ => "",
            },
            BinaryPrimitives.ReadInt64BigEndian(packet[64..]),
            BinaryPrimitives.ReadInt32BigEndian(packet[92..]),
            Udp: true,
            new Dictionary<string, string>(StringComparer.Ordinal) { [""] = UrlData(packet[98..]) }
        );
        var peers = Take(announce);
        if (Failure is { } failure)
        {
            return Error(transaction, failure);
        }

        var compact = Compact(peers, ipv6: from.AddressFamily == AddressFamily.InterNetworkV6);
        var (seeds, others) = Count(announce.InfoHash);
        var reply = new byte[20 + compact.Length];
        BinaryPrimitives.WriteUInt32BigEndian(reply, 1);
        transaction.CopyTo(reply.AsSpan(4));
        BinaryPrimitives.WriteInt32BigEndian(reply.AsSpan(8), Interval);
        BinaryPrimitives.WriteInt32BigEndian(reply.AsSpan(12), others);
        BinaryPrimitives.WriteInt32BigEndian(reply.AsSpan(16), seeds);
        compact.CopyTo(reply.AsSpan(20));
        return reply;
    }

    /// <summary>Notes an announce and chooses whom to name: at most as many as asked for, never the one who asks.</summary>
    private List<PeerEndPoint> Take(LabAnnounce announce)
    {
        _announces.Enqueue(announce);
        var swarm = _peers.GetOrAdd(announce.InfoHash, _ => new());
        var want = announce.NumWant < 0 ? 50 : Math.Min(announce.NumWant, 200);
        List<PeerEndPoint> named = announce.Event == "stopped" ? [] : [.. swarm.Keys.Where(peer => peer != announce.Peer).Take(want)];
        if (announce.Event == "stopped")
        {
            swarm.TryRemove(announce.Peer, out _);
        }
        else if (Failure is null)
        {
            swarm[announce.Peer] = announce.Left == 0;
        }

        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        return named;
    }

    private (int Seeds, int Others) Count(InfoHash torrent)
    {
        var all = _peers.TryGetValue(torrent, out var swarm) ? swarm.Values.ToArray() : [];
        var seeds = all.Count(seed => seed);
        return (seeds, all.Length - seeds);
    }

    private static byte[] Error(ReadOnlySpan<byte> transaction, string words)
    {
        var reply = new byte[8 + Encoding.UTF8.GetByteCount(words)];
        BinaryPrimitives.WriteUInt32BigEndian(reply, 3);
        transaction.CopyTo(reply.AsSpan(4));
        Encoding.UTF8.GetBytes(words, reply.AsSpan(8));
        return reply;
    }

    /// <summary>BEP 41: options of type 2 are pieces of path and query; 0 ends, 1 is padding.</summary>
    private static string UrlData(ReadOnlySpan<byte> options)
    {
        var url = new StringBuilder();
        while (options.Length > 0 && options[0] != 0)
        {
            if (options[0] == 1)
            {
                options = options[1..];
                continue;
            }

            if (options.Length < 2 || options.Length < 2 + options[1])
            {
                break;
            }

            if (options[0] == 2)
            {
                url.Append(Encoding.ASCII.GetString(options.Slice(2, options[1])));
            }

            options = options[(2 + options[1])..];
        }

        return url.ToString();
    }

    private static byte[] Compact(List<PeerEndPoint> peers, bool ipv6)
    {
        var chosen = peers.Where(peer => peer.IsIPv6 == ipv6).ToArray();
        var bytes = new byte[chosen.Length * (ipv6 ? 18 : 6)];
        var at = 0;
        foreach (var peer in chosen)
        {
            at += peer.WriteCompact(bytes.AsSpan(at));
        }

        return bytes;
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
