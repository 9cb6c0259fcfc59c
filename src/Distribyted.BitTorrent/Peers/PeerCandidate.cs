using Distribyted.BitTorrent.Discovery;

namespace Distribyted.BitTorrent.Peers;

/// <summary>One peer that a swarm has heard of: how its dials went, and when it may be dialled again. Times are microseconds of the engine's clock.</summary>
/// <remarks>
/// <para>Without demand a peer that fails is tried ever later: 5 or 15 s after the first failure, then after 60 s, and from then on after as long as it
/// has been failing.</para>
/// <para>While a reader or a pending magnet waits and no connected peer helps, the pause is a tenth of the time that it has been failing, between
/// <see cref="SoonestAgain"/> and <see cref="LongestPause"/>: a seeder that restarts within seconds is found within a second or two.</para>
/// <para>While a reader wants blocks that are missing, a peer that has served us is dialled again as soon, but ever later if that fails: a seeder that was
/// away for some seconds is one of few, and others take its upload slots meanwhile.</para>
/// </remarks>
internal sealed class PeerCandidate(PeerOrigin origin, long namedAt)
{
    internal const long SoonestAgain = 900 * MonotonicClock.Millisecond; // the swarm looks once a second, not always to the millisecond
    internal const long LongestPause = 2 * MonotonicClock.Second; // of a peer that was connected in this run
    private const long LongestPauseOfMany = 60 * MonotonicClock.Second;
    private const long AfterRefusal = 5 * MonotonicClock.Second; // a seeder may be starting up
    private const long AfterSilence = 15 * MonotonicClock.Second; // our own line may have been down
    private const long Refusal = 2 * MonotonicClock.Second; // a refusal comes at once; silence takes longer
    private const long RedialAfter = 60 * MonotonicClock.Second; // once per end point and minute: peers are not a tool to attack others
    private const long AfterNoPlace = 2 * MonotonicClock.Second;
    private const long AfterNews = 5 * MonotonicClock.Second;
    private const long NewsFromPeers = 30 * MonotonicClock.Second;
    private const long GivenUpAfter = 600 * MonotonicClock.Second;
    private const long Never = -1;

    private long _due = namedAt;
    private long _failingSince;

    public PeerOrigin Origin { get; private set; } = origin;

    /// <summary>When it was last named by anybody.</summary>
    public long NamedAt { get; private set; } = namedAt;

    /// <summary>When it was last dialled, or connected by itself; -1: never.</summary>
    public long DialledAt { get; private set; } = Never;

    /// <summary>Connected, or being dialled.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Was of use when it was connected.</summary>
    public bool Worked { get; private set; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; private set; }

    /// <summary>Whether it never worked and has failed for so long that nothing is expected of it.</summary>
    public bool IsHopeless(long now)
    {
        return !Worked && Failures > 5 && now - _failingSince > GivenUpAfter;
    }

    /// <summary>When it may be dialled again.</summary>
    public long DueAt(DialNeed need)
    {
        if (DialledAt == Never || need == DialNeed.None || (need == DialNeed.More && !Worked))
        {
            return _due;
        }

        var failing = Failures == 0 ? 0 : DialledAt - _failingSince;
        var longest = Worked && need == DialNeed.Any ? LongestPause : LongestPauseOfMany;
        return Math.Min(_due, DialledAt + Math.Clamp(failing / 10, SoonestAgain, longest));
    }

    public void Dialled(long now)
    {
        IsBusy = true;
        DialledAt = now;
    }

    public void MarkBusy()
    {
        IsBusy = true;
    }

    /// <summary>It is named again: earlier failures say nothing about now. Peers and nodes of the DHT are believed less often than trackers
    /// and users.</summary>
    public void Named(PeerOrigin by, long now)
    {
        NamedAt = now;
        if (IsBusy || Failures == 0 || (by is PeerOrigin.PeerExchange or PeerOrigin.Dht && now - DialledAt < NewsFromPeers))
        {
            return;
        }

        Origin = by;
        Failures = 0;
        _due = DialledAt + AfterNews;
    }

    /// <summary>The connection ended and had been of use.</summary>
    public void Succeeded()
    {
        IsBusy = false;
        Worked = true;
        Failures = 0;
        _due = DialledAt + RedialAfter;
    }

    /// <summary>A dial failed, or the connection ended without having been of use.</summary>
    public void Failed(long now)
    {
        IsBusy = false;
        _failingSince = Failures++ == 0 ? now : _failingSince;
        var first = now - DialledAt < Refusal ? AfterRefusal : AfterSilence;
        _due = DialledAt + (Failures == 1 ? first : Math.Max(RedialAfter, DialledAt - _failingSince));
    }

    /// <summary>The dial never left this machine: nothing was learnt.</summary>
    public void NotTried(long now)
    {
        IsBusy = false;
        _due = Math.Min(_due, now);
    }

    /// <summary>There was no place for it here, which is not its failure: it is looked at again soon.</summary>
    public void NoPlace(long now)
    {
        IsBusy = false;
        _due = now + AfterNoPlace;
    }

    /// <summary>Our own network was down: its failures are forgotten, and it may be dialled now.</summary>
    public void Forgive(long now)
    {
        Failures = 0;
        _due = Math.Min(_due, now);
    }
}
