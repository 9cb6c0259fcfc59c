using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.Simulation;

/// <summary>A client's request: takes what is there at its own speed, and waits for what is not.</summary>
internal sealed class SimReader(ReaderId id, SimSwarm swarm, VirtualTime time, long position, long? length, long fileEnd, double rate)
{
    private const int Chunk = 256 * 1024;

    private readonly long _start = position;
    private readonly long _end = Math.Min(fileEnd, length is { } bytes ? position + bytes : fileEnd);
    private long _position = position;
    private bool _closed;

    public ReaderId Id => id;
    public ReaderWindow Window { get; } = new();
    public long FileEnd => fileEnd;
    public double Rate { get; set; } = rate;
    public bool Done => _position >= _end;
    public long BytesRead => _position - _start;
    public bool Waits => Window.BlockedSince >= 0;

    /// <summary>Microseconds from the request to its first byte; -1: none yet.</summary>
    public long FirstByteAfter { get; private set; } = -1;
    public long BegunAt { get; private set; }

    /// <summary>Called before each chunk: how long the client pauses.</summary>
    public Func<long>? Pause { get; set; }

    public void Begin()
    {
        BegunAt = time.Now;
        Window.Start(_start, length, time.Now, swarm.History.Pop(_start, time.Now));
        Step();
    }

    public void Close()
    {
        if (!_closed)
        {
            _closed = true;
            swarm.Close(this);
        }
    }

    public void PieceCame()
    {
        if (Waits && swarm.IsHere(swarm.Layout.PieceAt(_position)))
        {
            Step();
        }
    }

    private void Step()
    {
        if (_closed || Done)
        {
            return;
        }

        if (Pause?.Invoke() is { } pause and > 0)
        {
            time.After(pause, Step);
            return;
        }

        var piece = swarm.Layout.PieceAt(_position);
        if (!swarm.IsHere(piece))
        {
            Window.Blocked(_position, time.Now);
            swarm.Set(this, Window.State(swarm.LimitsFor(fileEnd)));
            swarm.Run();
            return;
        }

        if (Waits)
        {
            Window.Unblocked(time.Now);
        }

        var count = Math.Min(Math.Min(Chunk, _end - _position), swarm.Layout.StartOf(piece + 1) - _position);
        Window.Read(_position, count, time.Now);
        _position += count;
        if (FirstByteAfter < 0)
        {
            FirstByteAfter = time.Now - BegunAt;
        }

        swarm.Set(this, Window.State(swarm.LimitsFor(fileEnd)));
        swarm.Run();
        time.After((long)(count * 1e6 / Rate), Step);
    }
}
