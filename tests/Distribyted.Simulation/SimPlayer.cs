namespace Distribyted.Simulation;

/// <summary>Plays at a bitrate once a second of media is there, keeps at most five, and counts the time in which it had nothing to show.</summary>
internal sealed class SimPlayer
{
    private readonly VirtualTime _time;
    private readonly SimReader _reader;
    private readonly double _bitrate;
    private double _played;
    private long _lookedAt;
    private bool _playing;
    private bool _closed;
    private bool _isPaused;

    public SimPlayer(VirtualTime time, SimSwarm swarm, long position, long fileEnd, double bitrate)
    {
        _time = time;
        _bitrate = bitrate;
        BegunAt = _lookedAt = time.Now;
        _reader = swarm.Open(position, null, fileEnd);
        _reader.Pause = () => Buffered() > 5 * bitrate ? 20_000 : 0;
        Tick();
    }

    public long BegunAt { get; }
    public long StartedAt { get; private set; } = -1;
    public long Stalled { get; private set; }
    public long BytesRead => _reader.BytesRead;

    /// <summary>Seconds of media that were shown.</summary>
    public double PlayedSeconds => _played / _bitrate;

    /// <summary>The user has paused it: it shows nothing, and reads until its own buffer is full.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set
        {
            Look();
            _isPaused = value;
        }
    }

    public void Close()
    {
        _closed = true;
        _reader.Close();
    }

    private double Buffered()
    {
        return _reader.BytesRead - _played;
    }

    private void Tick()
    {
        Look();
        if (!_closed)
        {
            _time.After(5000, Tick);
        }
    }

    private void Look()
    {
        var passed = _time.Now - _lookedAt;
        _lookedAt = _time.Now;
        if (_isPaused)
        {
            return;
        }

        if (_playing)
        {
            _played += passed * _bitrate / 1e6;
            if (_played > _reader.BytesRead)
            {
                _played = _reader.BytesRead;
                _playing = false;
            }
        }
        else if (StartedAt >= 0)
        {
            Stalled += passed;
        }

        if (!_playing && Buffered() >= _bitrate)
        {
            _playing = true;
            StartedAt = StartedAt < 0 ? _time.Now : StartedAt;
        }
    }
}
