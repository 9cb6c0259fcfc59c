using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Torrents;
using Distribyted.Platform;

namespace Distribyted.BitTorrent;

/// <summary>What a session does once a second: active torrents beat, windows of transfer are closed, unused torrents become idle, and a stop of this
/// machine or another address is noticed.</summary>
internal sealed class SessionHeartbeat : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(10); // trackers drop who is silent for an interval or two, mostly 30 min

    private const int MemoryEvery = 60; // beats

    private readonly TorrentServices _services;
    private readonly Action<bool> _worldReturned;
    private readonly Action _everySecond;
    private readonly long _idleAfter; // microseconds
    private readonly PauseWatch _pauses;
    private readonly NetworkWatch _network = new();
    private readonly ITimer _timer;
    private int _isBeating;
    private int _beats;
    private long _windowAt;

    /// <param name="services">Of the session.</param>
    /// <param name="idleAfter">How long a torrent is not used before it becomes idle; zero: it stays active.</param>
    /// <param name="worldReturned">Called after a stop or with another address: whether trackers may have forgotten us, or know an old address.</param>
    /// <param name="everySecond">Called at each beat.</param>
    public SessionHeartbeat(TorrentServices services, TimeSpan idleAfter, Action<bool> worldReturned, Action everySecond)
    {
        _services = services;
        _worldReturned = worldReturned;
        _everySecond = everySecond;
        _idleAfter = idleAfter.Ticks / TimeSpan.TicksPerMicrosecond;
        _windowAt = services.Time.GetTimestamp();
        services.Swarms.Clock.Watch();
        _pauses = new PauseWatch(services.Swarms.Clock);
        _timer = Background.CreateTimer(services.Time, "heartbeat", services.Log, Beat);
        _timer.Change(Interval, Interval);
    }

    /// <summary>Ends the beats; the last one may still be at work.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        _network.Dispose();
    }

    private void Beat()
    {
        if (Interlocked.Exchange(ref _isBeating, 1) != 0)
        {
            return; // the last one is still at it
        }

        try
        {
            BeatOnce();
        }
        finally
        {
            Interlocked.Exchange(ref _isBeating, 0);
        }
    }

    private void BeatOnce()
    {
        LookAtTheWorld();
        _everySecond();
        _services.Active.NextSecond();
        var closesWindow = ++_beats % 2 == 0;
        var length = _services.Time.GetElapsedTime(_windowAt);
        if (closesWindow)
        {
            _windowAt = _services.Time.GetTimestamp();
            _services.Counters.CloseWindow(length);
        }

        if (_beats % MemoryEvery == 0)
        {
            _services.Store.GiveBackMemory();
        }

        foreach (var torrent in _services.Active.All)
        {
            try
            {
                torrent.Swarm?.Heartbeat();
                if (closesWindow)
                {
                    torrent.CloseWindow(length);
                }

                if (torrent.MayDeactivate(_services.Swarms.Clock.Now, _idleAfter))
                {
                    Background.Forget("deactivation of a torrent", _services.Log, torrent.DeactivateAsync());
                }
            }
            catch (Exception e)
            {
                _services.Log.HeartbeatFailed(torrent.InfoHash, e); // out of a timer's callback it would end the process, and all other torrents
            }
        }
    }

    /// <summary>After a stop, or with another address, all that is known about networks and peers is checked again.</summary>
    private void LookAtTheWorld()
    {
        var missed = _pauses.Look();
        var moved = _network.Look();
        if (missed == TimeSpan.Zero && !moved)
        {
            return;
        }

        if (moved)
        {
            _services.Swarms.Peers.ChangePeerId();
            _services.Log.AddressChanged();
        }
        else
        {
            _services.Log.WasStopped(missed);
        }

        _worldReturned(moved || missed >= ForgottenAfter);
    }
}
