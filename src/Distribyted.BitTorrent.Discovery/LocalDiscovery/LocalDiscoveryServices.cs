using System.Security.Cryptography;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.LocalDiscovery;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.LocalDiscovery;

/// <summary>Local discovery of all torrents of a session (BEP 14): announces them to the local network, and hands over the peers that announce themselves there.
/// Safe for use by many threads.</summary>
/// <remarks>A datagram names up to 24 torrents; one goes out per second at most, and a torrent is in one every five minutes at most: with more than 7,200 torrents
/// each one's turn comes later. Between datagrams there is one timer and nothing else.</remarks>
public sealed class LocalDiscoveryServices : IAsyncDisposable
{
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(5); // of one torrent, BEP 14
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(1); // between datagrams; BEP 14 wants a minute, which a reader cannot wait

    private const int MaxHeard = 1000;
    private static readonly TimeSpan HeardAgainAfter = TimeSpan.FromMinutes(1);

    private readonly IMulticast _network;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly long _origin;
    private readonly string _cookie = RandomNumberGenerator.GetHexString(16, lowercase: true);
    private readonly Lock _lock = new();

    // Guarded by _lock.
    private readonly Dictionary<InfoHash, LocalSource> _sources = []; // those that were started
    private readonly Dictionary<InfoHash, TimeSpan> _announced = []; // within the last interval, also of torrents that have ended
    private readonly Queue<(InfoHash Torrent, TimeSpan At)> _announcedInOrder = new();
    private readonly Dictionary<(InfoHash, PeerEndPoint), TimeSpan> _heard = []; // within the last minute
    private TimeSpan _nextDatagram;
    private TimeSpan? _timerAt;
    private State _state;

    /// <param name="transport">Which families and addresses are used.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For <see cref="LocalDiscoveryLog"/>.</param>
    public LocalDiscoveryServices(TransportOptions transport, TimeProvider time, ILogger logger)
        : this(new MulticastSockets(transport, time, logger), time, logger) { }

    internal LocalDiscoveryServices(IMulticast network, TimeProvider time, ILogger logger)
    {
        _network = network;
        _time = time;
        _logger = logger;
        _origin = time.GetTimestamp();
        _timer = Background.CreateTimer(time, "local discovery", logger, Announce);
    }

    private enum State
    {
        /// <summary>There was no torrent yet.</summary>
        New,

        /// <summary>The sockets are being opened.</summary>
        Opening,

        Open,
        Disposed,
    }

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>Makes the source of one torrent; a <see cref="PeerSourceFactory"/>.</summary>
    public IPeerSource CreateSource(ISwarmPort port)
    {
        return new LocalSource(this, port);
    }

    /// <summary>This machine may have other networks now.</summary>
    public void NetworkChanged()
    {
        lock (_lock)
        {
            if (_state != State.Open)
            {
                return;
            }
        }

        _network.Refresh();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _state = State.Disposed;
        }

        await _timer.DisposeAsync();
        await _network.DisposeAsync();
    }

    /// <summary>A torrent takes part from now on. The first one has the sockets opened.</summary>
    internal void Add(LocalSource source)
    {
        lock (_lock)
        {
            _sources[source.InfoHash] = source;
            SetTimer(DueAt(source));
            if (_state != State.New)
            {
                return;
            }

            _state = State.Opening;
        }

        Background.Queue("local discovery", _logger, Open);
    }

    /// <summary>A torrent takes part no more.</summary>
    internal void Remove(LocalSource source)
    {
        lock (_lock)
        {
            if (IsCurrent(source))
            {
                _sources.Remove(source.InfoHash);
            }
        }
    }

    /// <summary>A torrent's peers are wanted now: it goes before others, as soon as its five minutes are over.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="isForgotten">Whether no peer here can have heard of it: it is another network by now. Then its five minutes are over.</param>
    internal void Hurry(LocalSource source, bool isForgotten)
    {
        lock (_lock)
        {
            if (!IsCurrent(source))
            {
                return;
            }

            source.IsUrgent = true;
            if (isForgotten)
            {
                _announced.Remove(source.InfoHash);
            }

            SetTimer(DueAt(source));
        }
    }

    private void Open()
    {
        _network.Start(Heard);
        lock (_lock)
        {
            if (_state == State.Opening)
            {
                _state = State.Open;
                SetTimer(TimeSpan.Zero);
            }
        }
    }

    private void Announce()
    {
        LocalSource? any;
        lock (_lock)
        {
            _timerAt = null;
            any = _sources.Values.FirstOrDefault();
        }

        // The port is the same for all torrents. It is asked outside the lock: torrents have locks of their own.
        var port = any?.Port.Ports.Local ?? 0;
        List<LocalSource> batch;
        lock (_lock)
        {
            if (_state != State.Open || _sources.Count == 0)
            {
                return;
            }

            batch = port > 0 ? TakeDue(Now) : [];
            SetTimer(port > 0 ? _sources.Values.Min(DueAt) : Now + Pause);
        }

        if (batch.Count > 0)
        {
            _network.Send(new LocalAnnounce(port, [.. batch.Select(static s => s.InfoHash)], _cookie));
        }
    }

    /// <summary>The torrents of the next datagram; none when it is too early for one.</summary>
    private List<LocalSource> TakeDue(TimeSpan now)
    {
        while (_announcedInOrder.TryPeek(out var oldest) && oldest.At + Interval <= now)
        {
            _announcedInOrder.Dequeue();
            if (_announced.GetValueOrDefault(oldest.Torrent) == oldest.At)
            {
                _announced.Remove(oldest.Torrent);
            }
        }

        if (now < _nextDatagram)
        {
            return [];
        }

        List<LocalSource> due =
        [
            .. _sources.Values.Where(s => DueAt(s) <= now).OrderByDescending(static s => s.IsUrgent).Take(LocalAnnounce.MaxInfoHashes),
        ];
        foreach (var source in due)
        {
            source.IsUrgent = false;
            _announced[source.InfoHash] = now;
            _announcedInOrder.Enqueue((source.InfoHash, now));
            _nextDatagram = now + Pause;
        }

        return due;
    }

    private void Heard(LocalAnnounce announce, PeerEndPoint peer)
    {
        if (announce.Cookie == _cookie)
        {
            return; // our own
        }

        foreach (var hash in announce.InfoHashes)
        {
            LocalSource? source;
            lock (_lock)
            {
                source = _sources.GetValueOrDefault(hash);
            }

            if (source is not null && IsNews(hash, peer))
            {
                _logger.LocalPeerFound(hash, peer);
                Background.Try("local discovery", _logger, () => source.Found(peer));
            }
        }
    }

    /// <summary>Whether a peer was not heard of within the last minute: senders can be forged, and each peer that is handed over may be dialled.</summary>
    private bool IsNews(InfoHash torrent, PeerEndPoint peer)
    {
        lock (_lock)
        {
            var now = Now;
            if (_heard.Count >= MaxHeard)
            {
                foreach (var old in _heard.Where(h => now - h.Value >= HeardAgainAfter).ToList())
                {
                    _heard.Remove(old.Key);
                }
            }

            if (_heard.TryGetValue((torrent, peer), out var at) ? now - at < HeardAgainAfter : _heard.Count >= MaxHeard)
            {
                return false;
            }

            _heard[(torrent, peer)] = now;
            return true;
        }
    }

    private bool IsCurrent(LocalSource source)
    {
        return _sources.GetValueOrDefault(source.InfoHash) == source;
    }

    private TimeSpan DueAt(LocalSource source)
    {
        return _announced.TryGetValue(source.InfoHash, out var at) ? at + Interval : TimeSpan.Zero;
    }

    /// <summary>Has the timer fire at this time, or when the next datagram may go out.</summary>
    private void SetTimer(TimeSpan due)
    {
        due = due > _nextDatagram ? due : _nextDatagram;
        if (_state == State.Open && (_timerAt is not { } set || due < set))
        {
            _timerAt = due;
            var wait = due - Now;
            _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
