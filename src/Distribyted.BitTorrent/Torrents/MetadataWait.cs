using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>One request that waits for the metadata of a torrent, until it is disposed. Like a wait for a piece it is told to those who watch after a second,
/// ten seconds and so on, and when it is over. Safe for use by many threads.</summary>
internal sealed class MetadataWait : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1); // what timers can

    private readonly MetadataWaits _waits;
    private readonly TorrentServices _services;
    private readonly long _begun;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private TimeSpan _tellAfter = TimeSpan.FromSeconds(1); // guarded by _lock; ten times as long after each time
    private bool _isTold; // guarded by _lock
    private bool _isOver; // guarded by _lock

    /// <param name="waits">Is left when this is disposed.</param>
    /// <param name="services">Of the session.</param>
    /// <param name="torrent">The torrent.</param>
    /// <param name="id">A number below 0: those above are readers of swarms.</param>
    /// <param name="file">What was asked for, for users.</param>
    /// <param name="client">Who asked, for users; empty: not known.</param>
    public MetadataWait(MetadataWaits waits, TorrentServices services, InfoHash torrent, long id, string file, string client)
    {
        _waits = waits;
        _services = services;
        Torrent = torrent;
        Id = id;
        File = file;
        Client = client;
        _begun = services.Time.GetTimestamp();
        _timer = Background.CreateTimer(services.Time, "timer of a wait for metadata", services.Log, Tell);
        _timer.Change(_tellAfter, Timeout.InfiniteTimeSpan);
    }

    public InfoHash Torrent { get; }

    public long Id { get; }

    public string File { get; }

    public string Client { get; }

    public TimeSpan Waited => _services.Time.GetElapsedTime(_begun);

    public void Dispose()
    {
        bool wasTold;
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
            wasTold = _isTold;
        }

        _timer.Dispose();
        _waits.End(this);
        if (wasTold)
        {
            Raise(SessionEventKind.ReaderGoesOn);
        }
    }

    private void Tell()
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            if (Waited >= _tellAfter) // timers may be a little early
            {
                _isTold = true;
                _tellAfter *= 10;
                Raise(SessionEventKind.ReaderWaits); // inside the lock, so that it never comes after the end
            }

            var rest = _tellAfter - Waited;
            _timer.Change(rest > Shortest ? rest : Shortest, Timeout.InfiniteTimeSpan);
        }
    }

    private void Raise(SessionEventKind kind)
    {
        _services.Swarms.Events.Raise(new SessionEvent(kind, Torrent, Id, Waited));
    }
}
