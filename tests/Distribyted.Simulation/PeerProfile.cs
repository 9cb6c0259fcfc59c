namespace Distribyted.Simulation;

/// <summary>What a simulated peer is like.</summary>
/// <param name="Rate">Bytes per second of its line.</param>
/// <param name="Delay">Microseconds one way.</param>
/// <param name="Jitter">Microseconds, either way.</param>
internal sealed record PeerProfile(double Rate, long Delay, long Jitter = 3000)
{
    /// <summary>Share of blocks before which it falls silent for one to eight seconds.</summary>
    public double StallShare { get; init; }

    /// <summary>Never sends anything from the second block on.</summary>
    public bool GoesSilent { get; init; }

    /// <summary>Every block is wrong.</summary>
    public bool Lies { get; init; }

    /// <summary>Seconds between choking and unchoking, on average; 0: never chokes.</summary>
    public double ChokesEvery { get; init; }

    /// <summary>Share of packets that are lost on its line, at random.</summary>
    public double Loss { get; init; }

    /// <summary>Whom it serves beside us; null: no other, and we are never choked.</summary>
    public CrowdProfile? Crowd { get; init; }

    public bool Fast { get; init; } = true;
    public int MaxRequests { get; init; } = 500;

    /// <summary>The benchmark's wan: eight good seeders and two slow ones.</summary>
    public static IReadOnlyList<PeerProfile> Wan { get; } =
    [
        new(20e6 / 8, 25_000),
        new(22e6 / 8, 55_000),
        new(25e6 / 8, 30_000),
        new(28e6 / 8, 50_000),
        new(30e6 / 8, 35_000),
        new(33e6 / 8, 45_000),
        new(36e6 / 8, 40_000),
        new(40e6 / 8, 38_000),
        new(1e6 / 8, 300_000, 20_000),
        new(1e6 / 8, 300_000, 20_000),
    ];

    /// <summary>The benchmark's crowd: the lines of <see cref="Wan"/>, four upload slots each, up to six other leechers, absences and losses.</summary>
    public static IEnumerable<PeerProfile> CrowdOf(double loss, double rateLimit)
    {
        int[] rivals = [2, 3, 4, 5, 6, 3, 4, 5, 1, 1];
        return Wan.Select(
            (profile, i) =>
                profile with
                {
                    Loss = loss,
                    Crowd = new CrowdProfile(4, rivals[i]) { AwayEvery = 45, RateLimit = rateLimit },
                }
        );
    }

    /// <summary>Three peers with 2 Mbit/s and one with half of that.</summary>
    public static IReadOnlyList<PeerProfile> FewSlow { get; } =
    [new(2e6 / 8, 40_000), new(2e6 / 8, 60_000), new(2e6 / 8, 90_000), new(1e6 / 8, 150_000, 10_000)];

    /// <summary>One seeder with 50 Mbit/s, and twenty that send hardly anything.</summary>
    public static IReadOnlyList<PeerProfile> OneFast { get; } =
    [new(50e6 / 8, 30_000), .. Enumerable.Range(0, 20).Select(i => new PeerProfile(0.4e6 / 8, 40_000 + (i * 8000)))];

    /// <summary>Ten seeders that serve no other peer, each away every twenty seconds.</summary>
    public static IReadOnlyList<PeerProfile> Churn { get; } =
    [
        .. Wan.Select(profile =>
            profile with
            {
                Loss = 0.0002,
                Crowd = new CrowdProfile(8, 0) { AwayEvery = 20 },
            }
        ),
    ];

    /// <summary>The model of engine.md 0.2: thirty peers of very different speed that stall now and then.</summary>
    public static IReadOnlyList<PeerProfile> UnknownPeers(Random random, double stallShare = 0.003)
    {
        var peers = new List<PeerProfile>();
        for (var i = 0; i < 30; i++)
        {
            var gauss = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            peers.Add(
                new PeerProfile(Math.Clamp(300e3 * Math.Exp(gauss), 20e3, 6e6), random.Next(15_000, 125_000)) { StallShare = stallShare }
            );
        }

        return peers;
    }
}
