using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Who reads: the only source of demand.</summary>
internal sealed partial class Swarm
{
    private const long GuessedBytes = 16 << 20;
    private const long GuessLasts = 3 * Second;
    private const long OffersAfter = 2 * Second;
    private const long OfferLasts = 5 * Second; // said again every second
    private const long ServesFor = 60 * Second;

    private readonly Dictionary<long, TorrentReader> _readers = [];
    private readonly ReaderHistory _history = new();
    private readonly List<ReaderId> _guesses = [];
    private readonly Dictionary<int, ReaderId> _offers = []; // pieces that are taken because a peer offers them
    private NextFiles? _nextFiles;
    private long _lastReaderId;
    private bool _isClosing;

    /// <summary>Open readers.</summary>
    public int ReaderCount
    {
        get
        {
            lock (_lock)
            {
                return _readers.Count;
            }
        }
    }

    /// <summary>Whether a reader waits for a piece.</summary>
    public bool IsReaderBlocked
    {
        get
        {
            lock (_lock)
            {
                return IsReaderStarved(0);
            }
        }
    }

    /// <summary>Opens a reader; null when the torrent has just gone to sleep.</summary>
    public TorrentReader? TryOpenReader(long start, long length, long position, long? expected, string client)
    {
        using var section = Enter();
        if (_isDisposed || _isClosing || _info is null)
        {
            return null;
        }

        var window = new ReaderWindow();
        window.Start(start + position, expected, section.Now, _history.Pop(start + position, section.Now));
        var reader = new TorrentReader(this, _pieces!, _info.Layout, ++_lastReaderId, start, length, window, client)
        {
            ProgressAt = section.Now,
        };
        _readers.Add(reader.Id, reader);
        LastUsedAt = section.Now;
        SetUrgency(section.Now);
        foreach (var peer in _peers)
        {
            ShowInterest(peer, section.Now);
        }

        Report(reader, section.Now);
        _nextFiles ??= new NextFiles(_info);
        if (_nextFiles.Opened(start))
        {
            Guess(start, section.Now);
        }

        Dial(section.Now);
        return reader;
    }

    /// <summary>The reader went on; its window moves with it.</summary>
    public void ReaderMoved(TorrentReader reader)
    {
        using var section = Enter();
        if (_readers.ContainsKey(reader.Id))
        {
            LastUsedAt = section.Now;
            reader.ProgressAt = section.Now;
            Report(reader, section.Now);
        }
    }

    public void CloseReader(TorrentReader reader)
    {
        using var section = Enter();
        if (_readers.Remove(reader.Id))
        {
            LastUsedAt = section.Now;
            SetUrgency(section.Now);
            if (_history.Closed(reader.Window, LimitsOf(reader), section.Now, out var state))
            {
                _needsRun |= _scheduler!.ReaderLingers(new ReaderId(reader.Id), state, section.Now + ReaderHistory.Lingers);
            }
            else
            {
                _needsRun |= _scheduler!.ReaderGone(new ReaderId(reader.Id), section.Now);
            }

            _pieces!.ClearWindow(reader.Id);
            if (reader.IsReadWhole && _nextFiles!.ReadWhole(reader.Start))
            {
                Guess(reader.Start, section.Now);
            }
        }
    }

    /// <summary>Waits until the piece is here (or the reader should look again).</summary>
    /// <param name="isMissing">False: the store says that it has the piece and did not give it. Then it is asked again with the next heartbeat and not
    /// at once: a store that keeps contradicting itself must not cost a processor.</param>
    /// <returns>What to say the next time: false when the piece was here without waiting.</returns>
    public async Task<bool> WaitForPieceAsync(
        TorrentReader reader,
        int piece,
        long position,
        bool isMissing,
        CancellationToken cancellationToken
    )
    {
        TaskCompletionSource waiter;
        using (var section = Enter())
        {
            if (!_readers.ContainsKey(reader.Id))
            {
                throw TorrentException.Ended(InfoHash, _endedBy);
            }

            if (isMissing && _pieces!.Has(piece))
            {
                return false;
            }

            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            reader.Waiter = waiter;
            reader.BlockedOn = piece;
            reader.ProgressAt = section.Now;
            reader.Window.Blocked(position, section.Now);
            Report(reader, section.Now);
            SetUrgency(section.Now);
            if (_peers.Count < IdlePeers)
            {
                Dial(section.Now);
                Torrent.PeersWanted();
            }
        }

        try
        {
            await waiter.Task.WaitAsync(cancellationToken);
            return true;
        }
        finally
        {
            using var section = Enter();
            reader.Waiter = null;
            reader.BlockedOn = -1;
            reader.Window.Unblocked(section.Now);
            SetUrgency(section.Now);
            if (_readers.ContainsKey(reader.Id))
            {
                Report(reader, section.Now);
            }
        }
    }

    /// <summary>What is here, for the API.</summary>
    public IReadOnlyList<PieceRun> GetPieceRuns()
    {
        lock (_lock)
        {
            if (_info is null)
            {
                return [];
            }

            return PieceRuns.Of(
                _info.Layout.PieceCount,
                p =>
                    _pieces!.IsStored(p) ? PieceStatus.Complete
                    : _pieces.Has(p) ? PieceStatus.Checking
                    : _open.ContainsKey(p) ? PieceStatus.Partial
                    : PieceStatus.Waiting
            );
        }
    }

    /// <summary>Whether it was unused for long enough: microseconds, 0: never. What a peer activated is idle again after <see cref="ServesFor"/> without a request.</summary>
    public bool IsIdle(long now, long after)
    {
        lock (_lock)
        {
            if (_readers.Count > 0)
            {
                return false;
            }

            return IsLooking
                ? after > 0 && now - LastUsedAt > after && !_peers.Exists(static p => p is { IsInterested: true, AmChoking: false })
                : now - LastUsedAt > ServesFor;
        }
    }

    /// <summary>No reader may come any more; false when there is one.</summary>
    public bool TryClose()
    {
        using var section = Enter();
        if (_readers.Count > 0)
        {
            return false;
        }

        _isClosing = true;
        return true;
    }

    /// <summary>Whether a reader has waited for this long: more connections are worth their cost.</summary>
    private bool IsReaderStarved(long patience)
    {
        foreach (var (_, reader) in _readers)
        {
            if (reader.BlockedOn >= 0 && Clock.Now - reader.Window.BlockedSince >= patience)
            {
                return true;
            }
        }

        return false;
    }

    private void Report(TorrentReader reader, long now)
    {
        var state = reader.Window.State(LimitsOf(reader));
        _needsRun |= _scheduler!.ReaderSet(new ReaderId(reader.Id), state, now);
        var first = _info!.Layout.PieceAt(Math.Max(reader.Start, state.Position - Services.Cache.ReadBehind));
        var last = _info.Layout.PieceAt(Math.Min(Math.Max(state.WindowEnd, state.Position + 1), _info.Layout.TotalLength) - 1);
        reader.Wanted = (_info.Layout.PieceAt(Math.Min(state.Position, _info.Layout.TotalLength - 1)), last);
        _pieces!.SetWindow(reader.Id, first, last, reader.Wanted.First);
    }

    /// <summary>Files are read whole, one after the other: the next ones are fetched while nothing urgent is wanted.</summary>
    private void Guess(long start, long now)
    {
        foreach (var guess in _guesses)
        {
            _needsRun |= _scheduler!.ReaderGone(guess, now);
        }

        _guesses.Clear();
        var budget = Math.Min(Math.Min(GuessedBytes, Services.Options.ReadAhead), Services.Capacity() / 8);
        foreach (var (from, to) in _nextFiles!.After(start, budget))
        {
            var guess = new ReaderId(-(++_lastReaderId)); // never a reader's own
            _guesses.Add(guess);
            _needsRun |= _scheduler!.ReaderLingers(guess, new ReaderState(from, to, 0, -1), now + GuessLasts);
        }
    }

    /// <summary>A reader waits for what no peer has: what peers offer instead is taken, so that they offer more.</summary>
    private void TakeOffers(long now)
    {
        if (_offers.Count == 0 && !IsReaderStarved(OffersAfter))
        {
            return;
        }

        var chosen = IsPieceNowhere() ? PieceOffers.Choose(_peers, _pieces!.Has) : [];
        foreach (var (piece, offer) in _offers)
        {
            if (!chosen.Contains(piece))
            {
                _offers.Remove(piece);
                _needsRun |= _scheduler!.ReaderGone(offer, now);
            }
        }

        foreach (var piece in chosen)
        {
            if (!_offers.TryGetValue(piece, out var offer))
            {
                _offers[piece] = offer = new ReaderId(-(++_lastReaderId)); // never a reader's own
            }

            var start = _info!.Layout.StartOf(piece);
            var state = new ReaderState(start, start + _info.Layout.LengthOf(piece), 0, -1);
            _needsRun |= _scheduler!.ReaderLingers(offer, state, now + OfferLasts);
        }
    }

    /// <summary>Whether a reader waits for a piece that no connected peer has.</summary>
    private bool IsPieceNowhere()
    {
        foreach (var (_, reader) in _readers)
        {
            if (reader.BlockedOn >= 0 && !_peers.Exists(p => p.Have?[reader.BlockedOn] == true))
            {
                return true;
            }
        }

        return false;
    }

    private WindowLimits LimitsOf(TorrentReader reader)
    {
        var capacity = Services.Capacity();
        return new WindowLimits(
            Services.Options.ReadAhead,
            capacity / (2 * Math.Max(1, _readers.Count)),
            reader.Start + reader.Length,
            _info!.Layout.TotalLength
        );
    }

    /// <summary>Bytes of a piece have come: progress for those readers in whose window it lies, and for no others.</summary>
    private void NoteProgress(int piece, long now)
    {
        foreach (var (_, reader) in _readers)
        {
            if (piece >= reader.Wanted.First && piece <= reader.Wanted.Last)
            {
                reader.ProgressAt = now;
            }
        }
    }

    private void WakeReaders(int piece)
    {
        foreach (var (_, reader) in _readers)
        {
            if (reader.BlockedOn == piece)
            {
                reader.Waiter?.TrySetResult();
            }
        }
    }

    private void FailReaders(int piece, TorrentException error)
    {
        foreach (var (_, reader) in _readers)
        {
            if (piece < 0 || reader.BlockedOn == piece)
            {
                reader.Waiter?.TrySetException(error);
            }
        }

        if (piece < 0)
        {
            _readers.Clear();
        }
    }

    private void CheckReaders(long now)
    {
        var patience = Services.Options.ReadTimeout;
        foreach (var (_, reader) in _readers)
        {
            LastUsedAt = now;
            if (reader.Waiter is null)
            {
                continue;
            }

            _needsRun = true; // room may have become free by time alone
            if (_pieces!.Has(reader.BlockedOn))
            {
                reader.Waiter.TrySetResult();
            }
            else if (patience != Timeout.InfiniteTimeSpan && now - reader.ProgressAt > patience.Ticks / TimeSpan.TicksPerMicrosecond)
            {
                reader.Waiter.TrySetException(
                    new TorrentException(
                        TorrentFailure.ReadTimeout,
                        $"Torrent {InfoHash}: nothing came of what is read for {patience.TotalSeconds:0} s ({_peers.Count} peers connected)."
                    )
                );
            }
        }
    }
}
