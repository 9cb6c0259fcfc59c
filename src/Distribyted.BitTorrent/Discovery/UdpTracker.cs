using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery;

/// <summary>Announces over UDP (BEP 15, 41): one socket per address family for all trackers. Safe for use by many threads.</summary>
internal sealed class UdpTracker : IAsyncDisposable
{
    private const int MaxConnections = 1024;
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromSeconds(60); // BEP 15
    private static readonly TimeSpan Straggler = TimeSpan.FromSeconds(2); // how long a family that answered waits for the other

    /// <summary>How long each try waits: BEP 15's 15 * 2^n, behind a first that is short because a lost datagram must not cost a reader
    /// 15 s, and ended early because the announcer has a back-off of its own.</summary>
    private static readonly TimeSpan[] Tries = [TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30)];

    private readonly TrackerSockets _sockets;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<IPEndPoint, (ulong Id, long Since)> _connections = [];
    private readonly Dictionary<AddressFamily, UdpDoor> _doors = [];
    private bool _disposed;

    public UdpTracker(TrackerSockets sockets, TimeProvider time)
    {
        _sockets = sockets;
        _time = time;
    }

    /// <summary>Asks, over each address family that the tracker has: each knows only the peers of its own. Never throws but for the caller's token.</summary>
    public async Task<AnnounceAnswer> AnnounceAsync(Uri tracker, AnnounceRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await _sockets.FindAsync(tracker, RequestPurpose.Tracker, cancellationToken);
            var families = addresses.DistinctBy(address => address.AddressFamily).ToArray();
            if (families.Length == 0)
            {
                return AnnounceAnswer.Failure("its address is not for trackers (security.outgoing_allow)");
            }

            var asked = Array.ConvertAll(
                families,
                address => AskAsync(new IPEndPoint(address, tracker.Port), tracker, request, cancellationToken)
            );
            return asked.Length == 1 ? await asked[0] : await BothAsync(asked, cancellationToken);
        }
        catch (SocketException e)
        {
            return AnnounceAnswer.Silence(TrackerWords.For(e.SocketErrorCode));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        UdpDoor[] doors;
        lock (_lock)
        {
            _disposed = true;
            doors = [.. _doors.Values];
        }

        foreach (var door in doors)
        {
            await door.DisposeAsync();
        }
    }

    private async Task<AnnounceAnswer> BothAsync(Task<AnnounceAnswer>[] asked, CancellationToken cancellationToken)
    {
        var first = await Task.WhenAny(asked);
        var other = asked[0] == first ? asked[1] : asked[0];
        var answer = await first;
        if (answer.Trouble is not null)
        {
            return await other is { Trouble: null } good ? good : answer;
        }

        try
        {
            var second = await other.WaitAsync(Straggler, _time, cancellationToken);
            return second.Trouble is null ? answer with { Peers = [.. answer.Peers, .. second.Peers] } : answer;
        }
        catch (TimeoutException)
        {
            return answer; // the slower family's peers come with the next announce
        }
    }

    private async Task<AnnounceAnswer> AskAsync(
        IPEndPoint server,
        Uri tracker,
        AnnounceRequest request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var door = DoorOf(server.AddressFamily);
            foreach (var patience in Tries)
            {
                var connection = ConnectionOf(server) ?? await ConnectAsync(door, server, patience, cancellationToken);
                if (connection is not { } id)
                {
                    continue;
                }

                var transaction = NewTransaction();
                var packet = new ArrayBufferWriter<byte>(256);
                UdpTrackerPacket.WriteAnnounce(packet, id, transaction, request, UrlData(tracker));
                if (await door.ExchangeAsync(server, transaction, packet.WrittenMemory, patience, cancellationToken) is not { } datagram)
                {
                    continue;
                }

                var response = UdpTrackerPacket.ReadAnnounce(datagram, server.AddressFamily == AddressFamily.InterNetworkV6);
                if (response.Failure is not null)
                {
                    Forget(server); // it may be the connection id that it dislikes
                }

                return TrackerWords.Answer(response, server.Address);
            }

            return AnnounceAnswer.Silence("does not answer");
        }
        catch (SocketException e)
        {
            return AnnounceAnswer.Silence(TrackerWords.For(e.SocketErrorCode));
        }
        catch (ObjectDisposedException)
        {
            return AnnounceAnswer.Silence("was not asked: the program ends");
        }
        catch (ProtocolException e)
        {
            return AnnounceAnswer.Failure($"its answer is no answer to an announce ({e.Error})");
        }
    }

    private async Task<ulong?> ConnectAsync(UdpDoor door, IPEndPoint server, TimeSpan patience, CancellationToken cancellationToken)
    {
        var transaction = NewTransaction();
        var packet = new byte[UdpTrackerPacket.ConnectLength];
        UdpTrackerPacket.WriteConnect(packet, transaction);
        if (await door.ExchangeAsync(server, transaction, packet, patience, cancellationToken) is not { } datagram)
        {
            return null;
        }

        var id = UdpTrackerPacket.ReadConnect(datagram);
        lock (_lock)
        {
            if (_connections.Count >= MaxConnections)
            {
                _connections.Clear(); // ids are cheap: one round trip
            }

            _connections[server] = (id, _time.GetTimestamp());
        }

        return id;
    }

    private ulong? ConnectionOf(IPEndPoint server)
    {
        lock (_lock)
        {
            return _connections.TryGetValue(server, out var connection) && _time.GetElapsedTime(connection.Since) < ConnectionLife
                ? connection.Id
                : null;
        }
    }

    private void Forget(IPEndPoint server)
    {
        lock (_lock)
        {
            _connections.Remove(server);
        }
    }

    private UdpDoor DoorOf(AddressFamily family)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_doors.TryGetValue(family, out var door) || door.IsBroken)
            {
                var any = family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
                door = new UdpDoor(_sockets.OwnAddress(family) ?? any, _time);
                _doors[family] = door;
            }

            return door;
        }
    }

    private static uint NewTransaction()
    {
        return BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
    }

    private static string UrlData(Uri tracker)
    {
        return tracker.PathAndQuery is "/" ? "" : tracker.PathAndQuery;
    }
}
