using Distribyted.Simulation;

namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>A short run of the simulator: the targets for start, seek and throughput over a wide-area network hold in the model, and the numbers are not worse than those accepted last.</summary>
internal sealed class SimulationTests
{
    private Measurements _measured = new();

    [OneTimeSetUp]
    public void Simulate()
    {
        _measured = Measurements.Of(Scenarios.All, seeds: 1);
    }

    [Test]
    public void Nothing_became_worse_than_what_was_accepted_last()
    {
        var accepted = AcceptedNumbers.Read(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "accepted.txt")));

        // One seed instead of five: single values scatter more than percentiles of all.
        Assert.That(accepted.Worse(_measured, 2), Is.Empty);
    }

    [Test]
    public void Seeks_and_players_in_six_kinds_of_swarms_are_no_more_than_five_percent_worse_than_accepted()
    {
        var accepted = AcceptedNumbers.ReadOfMany(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "accepted-swarms.txt")));

        Assert.That(accepted.Worse(Measurements.Of(Scenarios.Swarms, seeds: 200)), Is.Empty);
    }

    [TestCase("first 64 KiB, s", 0.5, 0.47)]
    [TestCase("4 MiB pieces: first 64 KiB, s", 0.5, 0.80)]
    [TestCase("seek 1 MiB, s", 0.5, 0.30)]
    [TestCase("seek 1 MiB, s", 0.95, 0.75)]
    [TestCase("16 readers, s", 0.5, 3)]
    [TestCase("30 files, s", 0.5, 6)]
    [TestCase("open to playing, s", 0.5, 1.5)]
    [TestCase("player stalled, s of 30", 1, 0)]
    public void The_benchmark_of_the_wan_is_met_in_the_model(string series, double share, double most)
    {
        Assert.That(_measured.Of(series).Percentile(share), Is.LessThanOrEqualTo(most));
    }

    [Test]
    public void The_links_of_the_wan_are_filled_in_the_model()
    {
        Assert.That(_measured.Of("sequential 256 MiB, MB/s").Percentile(0.5), Is.GreaterThanOrEqualTo(22));
    }

    [Test]
    public void A_liar_is_banned_in_the_model()
    {
        Assert.That(_measured.Of("a liar: banned of 1").Percentile(0), Is.EqualTo(1));
    }
}
