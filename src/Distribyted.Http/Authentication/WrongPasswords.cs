namespace Distribyted.Http.Authentication;

/// <summary>The different wrong passwords of one claimant: how many, and until when nothing is looked at. Not safe for use by many threads.</summary>
internal sealed class WrongPasswords
{
    // More clients with old passwords than a home has. One that drops out of these counts once more.
    private const int MostKnown = 16;

    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    private readonly List<ulong> _known = new(1);

    /// <summary>Different ones since the last right password, or since an hour passed without a try.</summary>
    public int Count { get; private set; }

    /// <summary>When the last new one came.</summary>
    public TimeSpan Last { get; private set; }

    /// <summary>Until when nothing is looked at.</summary>
    public TimeSpan Until { get; private set; }

    /// <summary>How long nothing will be looked at.</summary>
    public TimeSpan Wait(TimeSpan now)
    {
        return Until > now ? Until - now : TimeSpan.Zero;
    }

    /// <summary>Counts a wrong password.</summary>
    /// <param name="print">Stands for the password; null: it is not known.</param>
    /// <param name="now">On a clock that never jumps.</param>
    /// <param name="options">When the back-off starts, and how long it is.</param>
    /// <returns>False: it is one of the last ones again, which tells a guesser nothing and counts nothing.</returns>
    public bool Add(ulong? print, TimeSpan now, HttpAccessOptions options)
    {
        if (print is { } known)
        {
            var isKnown = _known.Remove(known);
            if (!isKnown && _known.Count == MostKnown)
            {
                _known.RemoveAt(0);
            }

            _known.Add(known);
            if (isKnown)
            {
                return false;
            }
        }

        // Who has been quiet for long enough starts anew; else a typo a week would add up.
        Count = now - Last > (Until - Last) + Memory ? 1 : Count + 1;
        Last = now;
        Until = now + BackOff(Count - options.MaxFailures, options.Lockout);
        return true;
    }

    // 10 wrong ones are free of charge; the 10th starts the first back-off, the 11th doubles it.
    private static TimeSpan BackOff(int over, TimeSpan first)
    {
        if (over < 0)
        {
            return TimeSpan.Zero;
        }

        var most = first > Longest ? first : Longest;
        return over > 20 ? most : TimeSpan.FromTicks(Math.Min(most.Ticks, first.Ticks << over));
    }
}
