using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>The open readers, which are the only source of demand: tells scheduler and store what they want, and ends their waits. Guarded by the swarm's lock.</summary>
internal sealed class ReaderTable(SwarmState state)
{
    private readonly Dictionary<ReaderId, ReaderDemand> _readers = [];
    private readonly ReaderHistory _history = new();
    private (int Piece, long At) _progress = (-1, 0);

    public Dictionary<ReaderId, ReaderDemand>.ValueCollection All
    {
        get
        {
            state.Lock.AssertHeld();
            return _readers.Values;
        }
    }

    public int Count => All.Count;

    public bool Contains(ReaderDemand reader)
    {
        state.Lock.AssertHeld();
        return _readers.ContainsKey(reader.Id);
    }

    /// <summary>Opens a reader. The metadata is known.</summary>
    /// <param name="start">First byte of its file.</param>
    /// <param name="length">Bytes of its file.</param>
    /// <param name="position">Where it begins, bytes from the start of the file.</param>
    /// <param name="expected">Bytes that it will read at most; null: not known.</param>
    /// <param name="now">The time.</param>
    /// <param name="client">Who reads, for users.</param>
    public ReaderDemand Open(long start, long length, long position, long? expected, long now, string client = "")
    {
        state.Lock.AssertHeld();
        var reader = new ReaderDemand(state.NextReaderId(), start, length) { ProgressAt = now, Client = client };
        reader.Window.Start(start + position, expected, now, _history.Pop(start + position, now));
        _readers.Add(reader.Id, reader);
        Report(reader, now);
        return reader;
    }

    /// <summary>The reader went on.</summary>
    public void Moved(ReaderDemand reader, long now)
    {
        state.Lock.AssertHeld();
        reader.ProgressAt = now;
        Report(reader, now);
    }

    /// <summary>Closes a reader; false: it is closed already.</summary>
    public bool Close(ReaderDemand reader, long now)
    {
        state.Lock.AssertHeld();
        if (!_readers.Remove(reader.Id))
        {
            return false;
        }

        var (_, pieces, scheduler) = state.Content!;
        state.Lock.NeedsRun |= _history.Closed(reader.Window, LimitsOf(reader), now, out var past)
            ? scheduler.ReaderLingers(reader.Id, past, now + ReaderHistory.Lingers)
            : scheduler.ReaderGone(reader.Id, now);
        pieces.ClearWindow(reader.Id.Value);
        return true;
    }

    /// <summary>The reader waits for a piece.</summary>
    /// <returns>Ends when the piece is here, or the reader should look again.</returns>
    /// <exception cref="TorrentException">From the task: no progress in time, closed, or a piece that never fits.</exception>
    public Task Block(ReaderDemand reader, int piece, long position, long now)
    {
        state.Lock.AssertHeld();
        reader.Waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        reader.BlockedOn = piece;
        reader.Window.Blocked(position, now);
        Moved(reader, now);
        return reader.Waiter.Task;
    }

    /// <summary>The reader does not wait any more, for whatever reason.</summary>
    public void Unblock(ReaderDemand reader, long now)
    {
        state.Lock.AssertHeld();
        if (reader.TellAfter > ReaderDemand.FirstTold)
        {
            Tell(SessionEventKind.ReaderGoesOn, reader, now);
            reader.TellAfter = ReaderDemand.FirstTold;
        }

        reader.Waiter = null;
        reader.BlockedOn = -1;
        reader.Window.Unblocked(now);
        if (Contains(reader))
        {
            Report(reader, now);
        }
    }

    /// <summary>Whether a reader has waited for so long.</summary>
    /// <param name="patience">Microseconds.</param>
    /// <param name="now">The time.</param>
    public bool IsStarved(long patience, long now)
    {
        foreach (var reader in All)
        {
            if (reader.BlockedOn >= 0 && now - reader.Window.BlockedSince >= patience)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Bytes of a piece have come: progress for those readers in whose window it lies, and for no others.</summary>
    public void NoteProgress(int piece, long now)
    {
        state.Lock.AssertHeld();
        if (_progress == (piece, now))
        {
            return; // the blocks of a batch are mostly of one piece
        }

        _progress = (piece, now);
        foreach (var reader in _readers.Values)
        {
            if (piece >= reader.Wanted.First && piece <= reader.Wanted.Last)
            {
                reader.ProgressAt = now;
            }
        }
    }

    /// <summary>A piece is here: who waits for it goes on.</summary>
    public void Wake(int piece)
    {
        foreach (var reader in All)
        {
            if (reader.BlockedOn == piece)
            {
                reader.Waiter?.TrySetResult();
            }
        }
    }

    /// <summary>A piece will not come: who waits for it fails.</summary>
    public void Fail(int piece, TorrentException error)
    {
        foreach (var reader in All)
        {
            if (reader.BlockedOn == piece)
            {
                reader.Waiter?.TrySetException(error);
            }
        }
    }

    /// <summary>The swarm is closed: who waits fails, and all readers are closed.</summary>
    public void FailAll(TorrentException error)
    {
        foreach (var reader in All)
        {
            reader.Waiter?.TrySetException(error);
        }

        _readers.Clear();
    }

    /// <summary>Once a second: waits end that are over, and those that lasted too long.</summary>
    /// <param name="peers">Connected peers, for the message.</param>
    /// <param name="now">The time.</param>
    public void Check(int peers, long now)
    {
        foreach (var reader in All)
        {
            state.LastUsedAt = now;
            if (reader.Waiter is not { } waiter)
            {
                if (reader.Window.Rest(LimitsOf(reader), state.Content!.Layout.PieceLength, now))
                {
                    Report(reader, now);
                }

                continue;
            }

            if (now - reader.Window.BlockedSince >= reader.TellAfter)
            {
                reader.TellAfter *= 10;
                Tell(SessionEventKind.ReaderWaits, reader, now);
            }

            state.Lock.NeedsRun = true; // space may have become free by time alone
            if (state.Content!.Pieces.Has(reader.BlockedOn))
            {
                waiter.TrySetResult();
            }
            else if (IsOverdue(reader, now))
            {
                waiter.TrySetException(TimeoutError(peers));
            }
        }
    }

    /// <summary>What the reader's window may hold now.</summary>
    public WindowLimits LimitsOf(ReaderDemand reader)
    {
        state.Lock.AssertHeld();
        return new WindowLimits(
            state.Services.Options.ReadAhead,
            state.Services.Capacity() / (2 * Math.Max(1, _readers.Count)),
            reader.Start + reader.Length,
            state.Content!.Layout.TotalLength
        );
    }

    private void Report(ReaderDemand reader, long now)
    {
        var content = state.Content!;
        var window = reader.Window.State(LimitsOf(reader));
        state.Lock.NeedsRun |= content.Scheduler.ReaderSet(reader.Id, window, now);
        var first = content.Layout.PieceAt(Math.Max(reader.Start, window.Position - state.Services.Cache.ReadBehind));
        reader.Wanted = content.PiecesOf(window);
        content.Pieces.SetWindow(reader.Id.Value, first, reader.Wanted.Last, reader.Wanted.First);
    }

    private void Tell(SessionEventKind kind, ReaderDemand reader, long now)
    {
        var waited = TimeSpan.FromMicroseconds(Math.Max(0, now - reader.Window.BlockedSince));
        state.Services.Events.Raise(new SessionEvent(kind, state.InfoHash, reader.Id.Value, waited));
    }

    private bool IsOverdue(ReaderDemand reader, long now)
    {
        var patience = state.Services.Options.ReadTimeout;
        return patience != Timeout.InfiniteTimeSpan && now - reader.ProgressAt > patience.Ticks / TimeSpan.TicksPerMicrosecond;
    }

    private TorrentException TimeoutError(int peers)
    {
        var patience = state.Services.Options.ReadTimeout;
        return new TorrentException(
            TorrentFailure.ReadTimeout,
            $"Torrent {state.InfoHash}: nothing came of what is read for {patience.TotalSeconds:0} s ({peers} peers connected)."
        );
    }
}
