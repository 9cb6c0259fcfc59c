using System.Net.Sockets;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Peers;

/// <summary>One connection to a peer: its life, a <see cref="PeerReceiver"/>, and a <see cref="PeerSender"/> that runs while there is something to send.</summary>
internal sealed class PeerConnection : IPeerConnection
{
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(5);

    private readonly IPeerOwner _owner;
    private readonly PeerServices _services;
    private readonly IPeerTransport _transport;
    private readonly CancellationTokenSource _closed = new();
    private readonly PeerReceiver _receiver;
    private readonly PeerSender _sender;
    private int _isClosed;

    // Guarded by the swarm's lock.
    private int _unreadBefore;
    private long _probedAt = -1;

    /// <param name="owner">The swarm.</param>
    /// <param name="services">Of the session.</param>
    /// <param name="transport">Is closed with the connection.</param>
    /// <param name="handshake">The peer's.</param>
    /// <param name="isOutgoing">Whether we dialled.</param>
    /// <param name="rtt">Quickest round trip so far, microseconds.</param>
    /// <param name="isEncrypted">Whether it began with an encryption handshake.</param>
    public PeerConnection(
        IPeerOwner owner,
        PeerServices services,
        IPeerTransport transport,
        Handshake handshake,
        bool isOutgoing,
        long rtt,
        bool isEncrypted = false
    )
    {
        _owner = owner;
        _services = services;
        _transport = transport;
        Peer = new Peer(this, handshake, transport.Remote, isOutgoing, rtt, services.Clock.Now)
        {
            IsOverUtp = transport.IsUtp,
            IsEncrypted = isEncrypted,
        };
        _receiver = new PeerReceiver(owner, Peer, transport);
        _sender = new PeerSender(owner, services, Peer, transport, _closed.Token);
    }

    public Peer Peer { get; }

    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Runs until the connection ends; <paramref name="received"/> are bytes that came behind the handshake.</summary>
    public async Task RunAsync(ReadOnlyMemory<byte> received)
    {
        var reason = "closed by the peer";
        try
        {
            Flush();
            await _receiver.RunAsync(received, _closed.Token);
        }
        catch (ProtocolException e)
        {
            reason = e.Message;
            _services.Log.PeerBrokeProtocol(Peer.Remote, e.Message);
        }
        catch (Exception e) when (IsEnd(e))
        {
            reason = e.Message;
        }
        catch (Exception e)
        {
            reason = e.Message;
            _services.Log.PeerFailed(_owner.InfoHash, Peer.Remote, e);
        }
        finally
        {
            Dispose();
            _owner.Left(Peer, reason);
        }
    }

    /// <summary>Sends what is queued, unless another thread is sending. Never blocks; never called under the swarm's lock.</summary>
    public void Flush()
    {
        if (Peer.Outbox.IsOverfull)
        {
            Dispose();
        }
        else
        {
            _sender.Start();
        }
    }

    /// <summary>Closes the connection; its loop ends and tells the swarm. Safe to call from anywhere, more than once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _closed.Cancel();
            _transport.Dispose();
            _sender.Close();
        }
    }

    /// <inheritdoc cref="IPeerTransport.AbortOnDispose"/>
    public void AbortOnDispose()
    {
        _transport.AbortOnDispose();
    }

    /// <summary>For the swarm, under its lock: from now on the connection ends when what is sent is not acknowledged within seconds.</summary>
    public void Probe(long now)
    {
        _probedAt = now;
        _transport.EndUnlessAcknowledgedWithin(ProbeTime);
    }

    /// <summary>For the swarm, under its lock, once a second. Sees bytes of a message that is not whole yet: a slow peer is not a silent one.</summary>
    /// <returns>Whether more bytes of an unfinished message are here than at the last look.</returns>
    public bool Look(long now)
    {
        if (_probedAt >= 0 && now - _probedAt > 2 * MonotonicClock.Second + (ProbeTime.Ticks / TimeSpan.TicksPerMicrosecond))
        {
            _probedAt = -1;
            _transport.EndUnlessAcknowledgedWithin(TimeSpan.Zero);
        }

        var unread = _transport.Unread + _receiver.Begun;
        var hasMore = unread > 0 && unread != _unreadBefore;
        _unreadBefore = unread;
        Peer.LastReceivedAt = hasMore ? now : Peer.LastReceivedAt;
        return hasMore;
    }

    /// <summary>Whether an error is how connections end: by the peer, the network, or us.</summary>
    internal static bool IsEnd(Exception e)
    {
        return e is IOException or SocketException or OperationCanceledException or ObjectDisposedException;
    }
}
