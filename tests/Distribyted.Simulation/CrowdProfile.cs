namespace Distribyted.Simulation;

/// <summary>Others that a simulated seeder serves beside us, as libtorrent does: a number of upload slots, given anew every 15 s, and one rate for all.</summary>
/// <param name="Slots">Peers that it sends to at a time.</param>
/// <param name="Rivals">Other leechers that come and go; each asks for more than it is sent, from nearby.</param>
internal sealed record CrowdProfile(int Slots, int Rivals)
{
    /// <summary>Share of its line that it sends at.</summary>
    public double RateLimit { get; init; } = 0.95;

    /// <summary>Seconds between its absences, on average; 0: it stays. It is away for two to six seconds, and all connections end.</summary>
    public double AwayEvery { get; init; }
}
