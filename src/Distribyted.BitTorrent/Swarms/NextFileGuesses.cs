using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>When files are read whole, one after the other, the next ones are fetched while nothing urgent is wanted (<see cref="NextFiles"/>). Guarded by the swarm's lock.</summary>
internal sealed class NextFileGuesses(SwarmState state)
{
    private const long MaxBytes = 16 << 20;
    private const long Lasts = 3 * MonotonicClock.Second;

    private readonly List<ReaderId> _guesses = [];
    private NextFiles? _files;

    private NextFiles Files => _files ??= new NextFiles(state.Content!.Info);

    /// <summary>A reader was opened.</summary>
    /// <param name="start">First byte of its file.</param>
    /// <param name="now">The time.</param>
    public void Opened(long start, long now)
    {
        state.Lock.AssertHeld();
        if (Files.Opened(start))
        {
            Guess(start, now);
        }
    }

    /// <summary>A file was read from its first byte to its last.</summary>
    /// <param name="start">Its first byte.</param>
    /// <param name="now">The time.</param>
    public void ReadWhole(long start, long now)
    {
        state.Lock.AssertHeld();
        if (Files.ReadWhole(start))
        {
            Guess(start, now);
        }
    }

    private void Guess(long start, long now)
    {
        var scheduler = state.Content!.Scheduler;
        foreach (var guess in _guesses)
        {
            state.Lock.NeedsRun |= scheduler.ReaderGone(guess, now);
        }

        _guesses.Clear();
        var budget = Math.Min(Math.Min(MaxBytes, state.Services.Options.ReadAhead), state.Services.Capacity() / 8);
        foreach (var (from, to) in Files.After(start, budget))
        {
            var guess = new ReaderId(-state.NextReaderId());
            _guesses.Add(guess);
            state.Lock.NeedsRun |= scheduler.ReaderLingers(guess, new ReaderState(from, to, 0, -1), now + Lasts);
        }
    }
}
