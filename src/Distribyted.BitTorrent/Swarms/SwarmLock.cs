using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Distribyted.BitTorrent.Peers;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>The lock of a swarm, and what its outermost holder does at the end: run the scheduler before it releases the lock if anything changed, and
/// then, without the lock, send what was queued and close what is to be closed.</summary>
/// <remarks>Never held across an await or any I/O. Whoever holds it may enter it again.</remarks>
/// <param name="clock">The engine's clock.</param>
/// <param name="run">Runs the scheduler; is given the time at which the lock was entered.</param>
internal sealed class SwarmLock(MonotonicClock clock, Action<long> run)
{
    [ThreadStatic]
    private static List<Peer>? t_spare;

    private readonly Lock _lock = new();
    private readonly List<Peer> _closing = [];
    private List<Peer> _dirty = []; // with messages to send
    private int _depth;

    /// <summary>Whether the scheduler runs before the lock is released.</summary>
    public bool NeedsRun { get; set; }

    /// <summary>Peers whose connections are closed when the lock is released; some may be in it more than once. Only to be read.</summary>
    public List<Peer> Closing => _closing;

    /// <summary>Takes the lock until the section is disposed.</summary>
    public Section Enter()
    {
        _lock.Enter();
        _depth++;
        return new Section(this, clock.Now);
    }

    /// <summary>For methods that need the lock.</summary>
    [Conditional("DEBUG")]
    public void AssertHeld()
    {
        Debug.Assert(_lock.IsHeldByCurrentThread);
    }

    /// <summary>Queues a whole message; it is sent when the lock is released.</summary>
    public void Post(Peer peer, ReadOnlySpan<byte> message)
    {
        AssertHeld();
        peer.Outbox.Append(message);
        FlushLater(peer);
    }

    /// <summary>Something was put into the peer's outbox; it is sent when the lock is released.</summary>
    public void FlushLater(Peer peer)
    {
        AssertHeld();
        if (_dirty.Count == 0 || _dirty[^1] != peer)
        {
            _dirty.Add(peer);
        }
    }

    /// <summary>The connection is closed when the lock is released.</summary>
    public void CloseLater(Peer peer)
    {
        AssertHeld();
        _closing.Add(peer);
    }

    /// <summary>As <see cref="CloseLater"/>; the other end is told at once.</summary>
    public void ResetLater(Peer peer)
    {
        AssertHeld();
        peer.Connection.AbortOnDispose();
        _closing.Add(peer);
    }

    private void Leave(long now)
    {
        if (_depth > 1)
        {
            Exit();
            return;
        }

        List<Peer>? dirty = null;
        Peer[] closing = [];
        try
        {
            if (NeedsRun)
            {
                run(now);
            }

            dirty = TakeDirty();
            closing = TakeClosing();
        }
        finally
        {
            Exit(); // always release the lock, even if code above throws
        }

        Flush(dirty);
        foreach (var peer in closing)
        {
            peer.Connection.Dispose();
        }
    }

    private void Exit()
    {
        _depth--;
        _lock.Exit();
    }

    private List<Peer>? TakeDirty()
    {
        if (_dirty.Count == 0)
        {
            return null;
        }

        var dirty = _dirty;
        _dirty = t_spare ?? [];
        t_spare = null;
        return dirty;
    }

    private Peer[] TakeClosing()
    {
        if (_closing.Count == 0)
        {
            return [];
        }

        Peer[] closing = [.. _closing];
        _closing.Clear();
        return closing;
    }

    private static void Flush(List<Peer>? dirty)
    {
        if (dirty is null)
        {
            return;
        }

        foreach (var peer in dirty)
        {
            peer.Connection.Flush();
        }

        dirty.Clear();
        t_spare = dirty;
    }

    /// <summary>Holds the lock until it is disposed; disposing the outermost one runs the scheduler.</summary>
    [SuppressMessage("Design", "CA1815", Justification = "A scope is never compared.")]
    internal readonly ref struct Section(SwarmLock swarmLock, long now)
    {
        /// <summary>The time of entering, microseconds.</summary>
        public long Now { get; } = now;

        public void Dispose()
        {
            swarmLock.Leave(Now);
        }
    }
}
