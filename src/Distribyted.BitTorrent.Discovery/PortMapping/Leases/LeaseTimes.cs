namespace Distribyted.BitTorrent.Discovery.PortMapping.Leases;

/// <summary>When a mapping is renewed, and when a router that did not map is asked again. Pure.</summary>
internal static class LeaseTimes
{
    /// <summary>What we ask for. RFC 6886 recommends 2 h and RFC 6887 leaves it open; with one hour a mapping whose owner crashed is gone soon.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3600);

    private static readonly TimeSpan Latest = Lease / 2; // also of longer leases: a router may restart and not tell
    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(4); // RFC 6887, section 11.2.1
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);

    /// <summary>Time from a mapping to its renewal: half of the lease.</summary>
    /// <param name="granted">What the router gave; zero: for ever. Such a mapping is renewed as well, since routers lose it when they restart.</param>
    public static TimeSpan RenewIn(TimeSpan granted)
    {
        return granted == TimeSpan.Zero ? Latest : Clamp(granted / 2, Soonest, Latest);
    }

    /// <summary>Time until a router is asked again: 5 s, doubled with each failure, at most 30 min.</summary>
    /// <param name="failures">In a row, at least 1.</param>
    /// <param name="announced">How long the error will last as the router thinks; zero: unknown.</param>
    /// <param name="isRefused">Whether its owner has to change something first: then it is 30 min.</param>
    /// <param name="left">What is left of a mapping; null: there is none. It must not end unseen.</param>
    public static TimeSpan RetryIn(int failures, TimeSpan announced, bool isRefused, TimeSpan? left)
    {
        var doubled = FirstPause * Math.Pow(2, Math.Min(failures - 1, 20));
        var pause = isRefused ? LongestPause : Clamp(announced, Clamp(doubled, FirstPause, LongestPause), LongestPause);
        return left is { } time && time < pause ? Clamp(time, Soonest, LongestPause) : pause;
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan min, TimeSpan max)
    {
        return value < min ? min
            : value > max ? max
            : value;
    }
}
