using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Lab;

/// <summary>Answers announces by UDP (BEP 15, 41) for a <see cref="LabTracker"/>.</summary>
internal sealed class LabTrackerUdp : IAsyncDisposable
{
    private const ulong ProtocolMagic = 0x41727101980; // BEP 15
    private const int AnnounceLength = 98; // BEP 15; what follows are options of BEP 41
    private const int ScrapeLength = 36;

    private readonly LabTracker _tracker;
    private readonly Socket _socket;
    private readonly ConcurrentDictionary<ulong, IPEndPoint> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _receiving;
    private int _drop;

    internal LabTrackerUdp(LabTracker tracker, IPAddress address)
    {
        _tracker = tracker;
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(address, 0));
        Url = $"udp://{_socket.LocalEndPoint}/announce";
        _receiving = ReceiveAsync();
    }

    internal string Url { get; }

    /// <summary>How many of the next datagrams are dropped unread.</summary>
    internal int DropNext
    {
        get => Volatile.Read(ref _drop);
        set => Volatile.Write(ref _drop, value);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _receiving;
        _stop.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[2048];
        EndPoint any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, any, _stop.Token);
                if (DropNext > 0)
                {
                    Interlocked.Decrement(ref _drop);
                    continue;
                }

                var from = (IPEndPoint)received.RemoteEndPoint;
                if (Answer(buffer.AsSpan(0, received.ReceivedBytes), from) is { } answer)
                {
                    await _socket.SendToAsync(answer, SocketFlags.None, from, _stop.Token);
                }
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // An earlier answer met a closed port (ICMP); the next request is read as always.
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return; // stopped
            }
        }
    }

    private byte[]? Answer(ReadOnlySpan<byte> packet, IPEndPoint from)
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
            return Connect(transaction, from);
        }

        if (action == 2 && packet.Length >= ScrapeLength)
        {
            return _connections.ContainsKey(connection) ? Scrape(packet, transaction) : Error(transaction, "connection id unknown");
        }

        if (action != 1 || packet.Length < AnnounceLength)
        {
            return null;
        }

        return _connections.TryGetValue(connection, out var owner) && owner.Equals(from)
            ? Announce(packet, transaction, from)
            : Error(transaction, "connection id unknown");
    }

    private byte[] Connect(ReadOnlySpan<byte> transaction, IPEndPoint from)
    {
        var id = BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(8));
        _connections[id] = from;
        var answer = new byte[16];
        transaction.CopyTo(answer.AsSpan(4));
        BinaryPrimitives.WriteUInt64BigEndian(answer.AsSpan(8), id);
        return answer;
    }

    private byte[] Scrape(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> transaction)
    {
        var (seeds, others) = _tracker.Count(new InfoHash(packet.Slice(16, InfoHash.Length)));
        var reply = new byte[20];
        BinaryPrimitives.WriteUInt32BigEndian(reply, 2);
        transaction.CopyTo(reply.AsSpan(4));
        BinaryPrimitives.WriteInt32BigEndian(reply.AsSpan(8), seeds);
        BinaryPrimitives.WriteInt32BigEndian(reply.AsSpan(16), others);
        return reply;
    }

    private byte[] Announce(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> transaction, IPEndPoint from)
    {
        var announce = Read(packet, from);
        var peers = _tracker.Record(announce);
        if (_tracker.Failure is { } failure)
        {
            return Error(transaction, failure);
        }

        var compact = CompactPeers.Write(peers, ipv6: from.AddressFamily == AddressFamily.InterNetworkV6);
        var (seeds, others) = _tracker.CountsInAnnounces ? _tracker.Count(announce.InfoHash) : (-1, -1);
        var reply = new byte[20 + compact.Length];
        BinaryPrimitives.WriteUInt32BigEndian(reply, 1);
        transaction.CopyTo(reply.AsSpan(4));
        BinaryPrimitives.WriteInt32BigEndian(reply.AsSpan(8), _tracker.Interval);
        BinaryPrimitives.WriteInt32BigEndian(reply.AsSpan(12), others);
        BinaryPrimitives.WriteInt32BigEndian(reply.AsSpan(16), seeds);
        compact.CopyTo(reply.AsSpan(20));
        return reply;
    }

    private static LabAnnounce Read(ReadOnlySpan<byte> packet, IPEndPoint from)
    {
        return new LabAnnounce(
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
            new Dictionary<string, string>(StringComparer.Ordinal) { [""] = UrlData(packet[AnnounceLength..]) }
        );
    }

    private static byte[] Error(ReadOnlySpan<byte> transaction, string message)
    {
        var reply = new byte[8 + Encoding.UTF8.GetByteCount(message)];
        BinaryPrimitives.WriteUInt32BigEndian(reply, 3);
        transaction.CopyTo(reply.AsSpan(4));
        Encoding.UTF8.GetBytes(message, reply.AsSpan(8));
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
}
