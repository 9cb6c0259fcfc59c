using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Storage.Tests;

/// <summary>Remembers what the store told, and lets a test wait for it.</summary>
internal sealed class RecordedEvents : IPieceEvents
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _stored = [];
    private readonly List<int> _gone = [];
    private readonly List<bool> _spaceWanted = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _spaceFreed;

    public int[] Stored
    {
        get
        {
            lock (_gate)
            {
                return [.. _stored];
            }
        }
    }

    public int[] Gone
    {
        get
        {
            lock (_gate)
            {
                return [.. _gone];
            }
        }
    }

    public bool[] SpaceDemands
    {
        get
        {
            lock (_gate)
            {
                return [.. _spaceWanted];
            }
        }
    }

    public int SpaceFreedCount => Volatile.Read(ref _spaceFreed);

    public void PieceStored(int piece)
    {
        Change(() => _stored.Add(piece));
    }

    public void PieceGone(int piece)
    {
        Change(() =>
        {
            _stored.Remove(piece);
            _gone.Add(piece);
        });
    }

    public void SpaceFreed()
    {
        Change(() => _spaceFreed++);
    }

    public void SpaceWanted(bool isOverdue)
    {
        Change(() => _spaceWanted.Add(isOverdue));
    }

    public async Task WaitForAsync(Func<RecordedEvents, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }

            if (condition(this))
            {
                return;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
