using System.Diagnostics;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Torrents;

/// <summary>Starts and stops the swarm of one torrent, as <see cref="TorrentLifecycle"/> allows. Safe for use by many threads.</summary>
/// <remarks>Pieces are open once at a time: a start waits for the stop before it, and the end of the torrent for both.</remarks>
/// <param name="owner">The torrent.</param>
/// <param name="torrentLock">Guards the state and what belongs to it; taken before the swarm's lock, never inside it.</param>
internal sealed class SwarmLifetime(ISwarmLifetimeOwner owner, Lock torrentLock)
{
    private LifecycleState _state;
    private Task<Swarm>? _start; // of Starting and Active
    private Task _stop = Task.CompletedTask; // the last one
    private Swarm? _swarm;

    /// <summary>The swarm, once it may be used; null: there is none.</summary>
    public Swarm? Swarm => Volatile.Read(ref _swarm);

    public LifecycleState State
    {
        get
        {
            lock (torrentLock)
            {
                return _state;
            }
        }
    }

    /// <summary>Whether the torrent was removed, or the session ends.</summary>
    public bool HasEnded => State is LifecycleState.Closed or LifecycleState.Removed;

    /// <summary>Throws when the torrent has ended. Called inside the torrent's lock.</summary>
    /// <exception cref="TorrentException">It was removed, or the session ends.</exception>
    public void ThrowIfEnded()
    {
        Debug.Assert(torrentLock.IsHeldByCurrentThread);
        if (_state is LifecycleState.Closed or LifecycleState.Removed)
        {
            throw EndedError();
        }
    }

    /// <summary>The swarm; starts it, or joins a start that is under way.</summary>
    /// <exception cref="TorrentException">The torrent was removed, or the session ends.</exception>
    public async ValueTask<Swarm> ActivateAsync(CancellationToken cancellationToken)
    {
        if (Swarm is { } active)
        {
            return active;
        }

        Task<Swarm> start;
        lock (torrentLock)
        {
            ThrowIfEnded();
            if (TryApply(LifecycleEvent.Activate))
            {
                _start = Task.Run(StartAsync);
            }

            start = _start!;
        }

        return await start.WaitAsync(cancellationToken);
    }

    /// <summary>Closes the swarm, unless a reader was quicker or there is none.</summary>
    /// <returns>Whether it was closed.</returns>
    public async Task<bool> TryDeactivateAsync()
    {
        Swarm? swarm;
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (torrentLock)
        {
            swarm = _swarm;
            if (_state != LifecycleState.Active || swarm is null || !swarm.Readers.TryClose())
            {
                return false;
            }

            TryApply(LifecycleEvent.Deactivate);
            Volatile.Write(ref _swarm, null);
            _start = null;
            _stop = stopped.Task;
        }

        try
        {
            await owner.KeepAsync(swarm);
            await swarm.DisposeAsync();
        }
        finally
        {
            owner.SwarmStopped(); // before a start that waits goes on
            lock (torrentLock)
            {
                TryApply(LifecycleEvent.Stopped);
            }

            stopped.SetResult(); // also after an error: else it could never start again
        }

        return true;
    }

    /// <summary>The end: readers fail, connections are closed, pieces too.</summary>
    /// <param name="why"><see cref="LifecycleEvent.Close"/> or <see cref="LifecycleEvent.Remove"/>.</param>
    public async Task EndAsync(LifecycleEvent why)
    {
        Swarm? swarm;
        Task<Swarm>? start;
        Task stop;
        lock (torrentLock)
        {
            TryApply(why);
            (swarm, start, stop) = (_swarm, _start, _stop);
            Volatile.Write(ref _swarm, null);
        }

        await stop;
        if (start is not null)
        {
            await ((Task)start).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it may have opened pieces; when it fails it closes them itself
        }

        if (swarm is not null)
        {
            if (why != LifecycleEvent.Remove)
            {
                await owner.KeepAsync(swarm);
            }

            await swarm.CloseAsync(EndedBy);
            owner.SwarmStopped();
        }
    }

    /// <summary>For requests after the end.</summary>
    public TorrentException EndedError()
    {
        return TorrentException.Ended(owner.InfoHash, EndedBy);
    }

    private TorrentFailure EndedBy => _state == LifecycleState.Removed ? TorrentFailure.Removed : TorrentFailure.Closing;

    private async Task<Swarm> StartAsync()
    {
        await _stop;
        var swarm = owner.CreateSwarm();
        try
        {
            await owner.GiveMetadataAsync(swarm);
            lock (torrentLock)
            {
                ThrowIfEnded();
                Volatile.Write(ref _swarm, swarm); // metadata that comes from now on is given to it
            }

            if (owner.HasMetadata && !swarm.HasMetadata)
            {
                await owner.GiveMetadataAsync(swarm); // it came between the two
            }

            lock (torrentLock)
            {
                ThrowIfEnded();
                TryApply(LifecycleEvent.Started);
            }

            owner.SwarmStarted();
            return swarm;
        }
        catch
        {
            Volatile.Write(ref _swarm, null);
            await swarm.CloseAsync(EndedBy);
            lock (torrentLock)
            {
                if (TryApply(LifecycleEvent.StartFailed))
                {
                    _start = null; // the next one who needs it tries again
                }
            }

            throw;
        }
    }

    private bool TryApply(LifecycleEvent happened)
    {
        Debug.Assert(torrentLock.IsHeldByCurrentThread);
        if (TorrentLifecycle.Next(_state, happened) is not { } next)
        {
            return false;
        }

        _state = next;
        return true;
    }
}
