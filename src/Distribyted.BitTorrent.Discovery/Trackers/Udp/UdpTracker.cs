using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Distribyted.BitTorrent.Discovery.Sockets;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Trackers.Udp;

/// <summary>Announces over UDP (BEP 15, 41): one socket per address family for all trackers. Safe for use by many threads.</summary>
internal sealed class UdpTracker : IAsyncDisposable
{
    private const int MaxConnections = 1024;
    private static readonly TimeSpan ConnectionLife = TimeSpan.FromSeconds(60); // BEP 15

    /// <summary>How long each try waits: BEP 15's 15 * 2^n, behind a first that is short because a lost datagram must not cost a reader
    /// 15 s, and ended early because the announcer has a back-off of its own.</summary>
    private static readonly TimeSpan[] Tries = [TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30)];

    private readonly OutgoingSockets _sockets;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<IPEndPoint, (ulong Id, long Since)> _connections = [];
    private readonly Dictionary<AddressFamily, UdpTrackerSocket> _open = [];
    private bool _disposed;

    public UdpTracker(OutgoingSockets sockets, TimeProvider time)
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

            return await FamilyAnswers.FirstGoodAsync(
                Array.ConvertAll(families, address => AskAsync(new IPEndPoint(address, tracker.Port), tracker, request, cancellationToken))
            );
        }
        catch (SocketException e)
        {
            return AnnounceAnswer.For(e.SocketErrorCode);
        }
    }

    /// <summary>Asks how many peers a torrent has, once. Never throws but for the caller's token.</summary>
    /// <returns>Null: no answer, or it does not say.</returns>
    public async Task<SwarmSize?> ScrapeAsync(Uri tracker, InfoHash infoHash, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await _sockets.FindAsync(tracker, RequestPurpose.Tracker, cancellationToken);
            if (addresses.Count == 0)
            {
                return null;
            }

            var server = new IPEndPoint(addresses[0], tracker.Port);
            var socket = SocketFor(server.AddressFamily);
            if ((ConnectionOf(server) ?? await ConnectAsync(socket, server, Tries[0], cancellationToken)) is not { } connection)
            {
                return null;
            }

            var question = NewQuestion(server, UdpTrackerPacket.IsScrapeAnswer);
            var packet = new byte[UdpTrackerPacket.ScrapeLength];
            UdpTrackerPacket.WriteScrape(packet, connection, question.Transaction, infoHash);
            var datagram = await socket.ExchangeAsync(question, packet, Tries[0], cancellationToken);
            return datagram is not null && UdpTrackerPacket.ReadScrape(datagram) is { } counts
                ? new SwarmSize(counts.Seeders, counts.Leechers)
                : null;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or ProtocolException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        UdpTrackerSocket[] sockets;
        lock (_lock)
        {
            _disposed = true;
            sockets = [.. _open.Values];
        }

        foreach (var socket in sockets)
        {
            await socket.DisposeAsync();
        }
    }

    private async Task<AnnounceAnswer> AskAsync(
        IPEndPoint server,
        Uri tracker,
        AnnounceRequest request,
        CancellationToken cancellationToken
    )
    {
        request = request.Over(server.AddressFamily == AddressFamily.InterNetworkV6);
        var connected = false;
        try
        {
            var socket = SocketFor(server.AddressFamily);
            var known = ConnectionOf(server);
            for (var tried = 0; tried < Tries.Length; )
            {
                var patience = Tries[tried];
                var connection = known ?? await ConnectAsync(socket, server, patience, cancellationToken);
                connected |= known is null && connection is not null;
                var response = connection is { } id
                    ? await AnnounceAsync(socket, server, id, tracker, request, patience, cancellationToken)
                    : null;
                if (response is { Failure: null })
                {
                    return TrackerMessages.Answer(response, server.Address);
                }

                if (connection is { } used)
                {
                    DropConnection(server, used);
                }

                if (known is not null)
                {
                    known = null;
                    continue; // a tracker that was restarted knows no old ids and refuses or ignores them: with a new one it is a real try
                }

                if (response is not null)
                {
                    return TrackerMessages.Answer(response, server.Address);
                }

                tried++;
            }

            // A tracker that gives connection ids is reachable; it does not answer about this torrent.
            return connected ? AnnounceAnswer.Failure("does not answer announces") : AnnounceAnswer.Silence("does not answer");
        }
        catch (SocketException e)
        {
            return AnnounceAnswer.For(e.SocketErrorCode);
        }
        catch (ObjectDisposedException)
        {
            return AnnounceAnswer.Silence("was not asked: the program ends");
        }
        catch (ProtocolException e)
        {
            return AnnounceAnswer.Failure(e.Message);
        }
    }

    private static async Task<AnnounceResponse?> AnnounceAsync(
        UdpTrackerSocket socket,
        IPEndPoint server,
        ulong connection,
        Uri tracker,
        AnnounceRequest request,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        var question = NewQuestion(server, UdpTrackerPacket.IsAnnounceAnswer);
        var packet = new ArrayBufferWriter<byte>(256);
        UdpTrackerPacket.WriteAnnounce(packet, connection, question.Transaction, request, UrlData(tracker));
        var datagram = await socket.ExchangeAsync(question, packet.WrittenMemory, patience, cancellationToken);
        return datagram is null ? null : UdpTrackerPacket.ReadAnnounce(datagram, server.AddressFamily == AddressFamily.InterNetworkV6);
    }

    /// <exception cref="ProtocolException">The tracker refuses to connect; the message is its own.</exception>
    private async Task<ulong?> ConnectAsync(
        UdpTrackerSocket socket,
        IPEndPoint server,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        var question = NewQuestion(server, UdpTrackerPacket.IsConnectAnswer);
        var packet = new byte[UdpTrackerPacket.ConnectLength];
        UdpTrackerPacket.WriteConnect(packet, question.Transaction);
        if (await socket.ExchangeAsync(question, packet, patience, cancellationToken) is not { } datagram)
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

    /// <summary>Drops a connection id, unless another announce has got a new one meanwhile.</summary>
    private void DropConnection(IPEndPoint server, ulong id)
    {
        lock (_lock)
        {
            if (_connections.TryGetValue(server, out var connection) && connection.Id == id)
            {
                _connections.Remove(server);
            }
        }
    }

    private UdpTrackerSocket SocketFor(AddressFamily family)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_open.TryGetValue(family, out var socket) || socket.IsBroken)
            {
                var any = family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
                socket = new UdpTrackerSocket(_sockets.OwnAddress(family) ?? any, _time);
                _open[family] = socket;
            }

            return socket;
        }
    }

    private static UdpQuestion NewQuestion(IPEndPoint server, UdpAnswerCheck isAnswer)
    {
        return new UdpQuestion(server, BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)), isAnswer);
    }

    private static string UrlData(Uri tracker)
    {
        return tracker.PathAndQuery is "/" ? "" : tracker.PathAndQuery;
    }
}
