using Distribyted.BitTorrent.Protocol;

namespace Distribyted.Simulation;

/// <summary>What is measured: the benchmark's wan tests, and swarms that are worse than it.</summary>
public static class Scenarios
{
    private const int MiB = 1 << 20;
    private const long Movie = 1024L * MiB;
    private const long Second = 1_000_000;

    /// <summary>By name; a scenario with more seeds is more of the same.</summary>
    public static IReadOnlyDictionary<string, Action<int, Measurements>> All { get; } =
        new Dictionary<string, Action<int, Measurements>>(StringComparer.Ordinal)
        {
            ["sequential"] = Sequential,
            ["seeks"] = Seeks,
            ["large pieces"] = LargePieces,
            ["many"] = ManyReaders,
            ["files"] = Files,
            ["player"] = Player,
            ["busy seeks"] = BusySeeks,
            ["unknown peers"] = UnknownPeers,
            ["silent"] = SilentOwner,
            ["chokes"] = Chokes,
            ["liar"] = Liar,
        };

    /// <summary>Seeks and a player in six kinds of swarms: what a change of policy is measured by, over hundreds of seeds.</summary>
    public static IReadOnlyDictionary<string, Action<int, Measurements>> Swarms { get; } =
        new Dictionary<string, Action<int, Measurements>>(StringComparer.Ordinal)
        {
            ["calm"] = (seed, to) => Watch("calm", seed, to),
            ["crowd"] = (seed, to) => Watch("crowd", seed, to),
            ["lossy crowd"] = (seed, to) => Watch("lossy crowd", seed, to),
            ["few slow"] = (seed, to) => Watch("few slow", seed, to),
            ["one fast"] = (seed, to) => Watch("one fast", seed, to),
            ["churn"] = (seed, to) => Watch("churn", seed, to),
        };

    /// <summary>A film of 8 Mbit/s for ten minutes in each of the swarms, with a pause and five seeks: by hand, it takes long.</summary>
    public static IReadOnlyDictionary<string, Action<int, Measurements>> Films { get; } =
        Swarms
            .Keys.Where(name => name != "few slow")
            .ToDictionary(
                name => name,
                name => (Action<int, Measurements>)((seed, to) => Film(name, seed, 100, to)),
                StringComparer.Ordinal
            );

    private static IEnumerable<PeerProfile> PeersOf(string swarm)
    {
        return swarm switch
        {
            "calm" => PeerProfile.Wan,
            "crowd" => PeerProfile.CrowdOf(0.0002, 0.5),
            "lossy crowd" => PeerProfile.CrowdOf(0.002, 0.5),
            "few slow" => PeerProfile.FewSlow,
            "one fast" => PeerProfile.OneFast,
            _ => PeerProfile.Churn,
        };
    }

    /// <summary>Plays for so many seconds, and again after each of five seeks; before the fourth it pauses for a minute and goes on for three seconds.</summary>
    private static void Film(string name, int seed, int seconds, Measurements to)
    {
        var (time, swarm, random) = Build(seed, PeersOf(name), Movie, MiB);
        var stalled = 0L;
        for (var part = 0; part < 6; part++)
        {
            var player = new SimPlayer(time, swarm, (part * 5 % 6 * 170L * MiB) + random.NextInt64(4 * MiB), Movie, 1e6);
            time.Until(() => player.StartedAt >= 0, 60 * Second);
            to.Add(
                part == 4 ? $"{name}: seek after a pause, s"
                    : part == 0 ? $"{name}: begin, s"
                    : $"{name}: seek of a film, s",
                ((player.StartedAt < 0 ? time.Now : player.StartedAt) - player.BegunAt) / 1e6
            );
            time.Until(() => false, seconds * Second);
            if (part == 3)
            {
                player.IsPaused = true;
                time.Until(() => false, 60 * Second);
                player.IsPaused = false;
                var before = player.Stalled;
                time.Until(() => false, 3 * Second);
                to.Add($"{name}: stalled after a pause, s", (player.Stalled - before) / 1e6);
            }

            stalled += player.Stalled;
            player.Close();
        }

        to.Add($"{name}: film stalled, s", stalled / 1e6);
    }

    /// <summary>As the benchmark does: the head of the film, its tail, then 25 Mbit/s from its middle for half a minute.</summary>
    private static void Open(string name, VirtualTime time, SimSwarm swarm, Measurements to)
    {
        var start = time.Now;
        Read(time, swarm, 0, null, Movie, MiB);
        Read(time, swarm, Movie - MiB, null, Movie, MiB);
        var player = new SimPlayer(time, swarm, (long)(Movie * 0.6), Movie, 25e6 / 8);
        time.Until(() => player.StartedAt >= 0, 60 * Second);
        to.Add($"{name}: open to playing 25 Mbit/s, s", (time.Now - start) / 1e6);
        time.Until(() => player.PlayedSeconds >= 30, 60 * Second);
        player.Close();
        to.Add($"{name}: stalled at 25 Mbit/s, s of 30", player.Stalled / 1e6);
    }

    /// <summary>Twelve seeks of 1 MiB, then a film of 8 Mbit/s for half a minute.</summary>
    private static void Watch(string name, int seed, Measurements to)
    {
        var (time, swarm, random) = Build(seed, PeersOf(name), Movie, MiB);
        for (var i = 0; i < 12; i++)
        {
            var seconds = Read(time, swarm, random.NextInt64(Movie - MiB), MiB, Movie);
            to.Add($"{name}: seek 1 MiB, s", seconds);
            if (i == 0)
            {
                to.Add($"{name}: first seek, s", seconds);
            }
        }

        var player = new SimPlayer(time, swarm, random.NextInt64(512) * MiB, Movie, 1e6);
        time.Until(() => player.StartedAt >= 0, 60 * Second);
        to.Add($"{name}: play, s", ((player.StartedAt < 0 ? time.Now : player.StartedAt) - player.BegunAt) / 1e6);
        time.Until(() => false, 30 * Second);
        player.Close();
        to.Add($"{name}: stalled, s of 30", player.Stalled / 1e6);
        to.Add($"{name}: 32 MiB, MB/s", 32.0 * MiB / 1e6 / Read(time, swarm, Movie - (40L * MiB), 32L * MiB, Movie), true);
        if (name != "few slow")
        {
            to.Add($"{name}: 16 readers, s", SixteenReaders(time, swarm, random));
        }

        if (name is "crowd" or "lossy crowd" or "churn")
        {
            Open(name, time, swarm, to);
        }

        to.Add($"{name}: received / verified", swarm.BytesReceived / (double)swarm.BytesVerified);
    }

    private static void Sequential(int seed, Measurements to)
    {
        var (time, swarm, _) = Wan(seed, Movie, MiB);
        to.Add("first 64 KiB, s", Read(time, swarm, 0, 64 * 1024, Movie), target: "0.47");
        var seconds = Read(time, swarm, 0, 256L * MiB, Movie);
        to.Add("sequential 256 MiB, MB/s", 256.0 * MiB / 1e6 / seconds, true, "22");
        to.Add("sequential, received / read", swarm.BytesReceived / (256.0 * MiB));
    }

    private static void Seeks(int seed, Measurements to)
    {
        var (time, swarm, random) = Wan(seed, Movie, MiB);
        for (var i = 0; i < 20; i++)
        {
            to.Add("seek 1 MiB, s", Read(time, swarm, random.NextInt64(Movie - MiB), MiB, Movie), target: "0.30 / p95 0.75");
        }

        to.Add("seeks, received / verified", swarm.BytesReceived / (double)swarm.BytesVerified);
    }

    private static void LargePieces(int seed, Measurements to)
    {
        var (time, swarm, random) = Wan(seed, 512L * MiB, 4 * MiB);
        to.Add("4 MiB pieces: first 64 KiB, s", Read(time, swarm, 0, 64 * 1024, 512L * MiB), target: "0.80");
        for (var i = 0; i < 6; i++)
        {
            to.Add("4 MiB pieces: seek 1 MiB, s", Read(time, swarm, random.NextInt64(511L * MiB), MiB, 512L * MiB));
        }
    }

    private static void ManyReaders(int seed, Measurements to)
    {
        var (time, swarm, random) = Wan(seed, Movie, MiB);
        to.Add("16 readers, s", SixteenReaders(time, swarm, random), target: "3");
    }

    private static double SixteenReaders(VirtualTime time, SimSwarm swarm, Random random)
    {
        var start = time.Now;
        var readers = Enumerable.Range(0, 16).Select(_ => swarm.Open(random.NextInt64(Movie - MiB), MiB, Movie)).ToList();
        time.Until(
            () =>
            {
                foreach (var reader in readers.Where(reader => reader.Done))
                {
                    reader.Close();
                }

                return readers.TrueForAll(reader => reader.Done);
            },
            60 * Second
        );
        return (time.Now - start) / 1e6;
    }

    private static void Files(int seed, Measurements to)
    {
        var (time, swarm, random) = Wan(seed, 64L * MiB, 256 * 1024);
        var ends = Enumerable.Range(0, 29).Select(_ => random.NextInt64(1, 64L * MiB)).Append(64L * MiB).Order().ToList();
        var start = time.Now;
        var position = 0L;
        foreach (var end in ends)
        {
            Read(time, swarm, position, end - position, end);
            position = end;
        }

        to.Add("30 files, s", (time.Now - start) / 1e6, target: "6");
    }

    private static void Player(int seed, Measurements to)
    {
        const double Bitrate = 25e6 / 8;
        var (time, swarm, _) = Wan(seed, Movie, MiB);
        var start = time.Now;
        Read(time, swarm, 0, null, Movie, MiB);
        Read(time, swarm, Movie - MiB, null, Movie, MiB);
        var player = new SimPlayer(time, swarm, (long)(Movie * 0.6), Movie, Bitrate);
        time.Until(() => player.StartedAt >= 0, 60 * Second);
        to.Add("open to playing, s", (time.Now - start) / 1e6, target: "1.5");
        time.Until(() => false, 30 * Second);
        player.Close();
        to.Add("player stalled, s of 30", player.Stalled / 1e6, target: "0");
    }

    /// <summary>A user copies the whole film and leaves off at once to read elsewhere: the pipes are full of what no reader wants any more.</summary>
    private static void BusySeeks(int seed, Measurements to)
    {
        var (time, swarm, random) = Wan(seed, Movie, MiB);
        for (var i = 0; i < 15; i++)
        {
            var copier = swarm.Open(random.NextInt64(Movie / 2), 256L * MiB, Movie);
            time.Until(() => copier.BytesRead > 24 * MiB, 60 * Second);
            copier.Close();
            var seconds = Read(time, swarm, (Movie / 2) + (random.NextInt64(500) * MiB), MiB, Movie);
            to.Add("seek out of a full pipe, aligned 1 MiB, s", seconds);
        }
    }

    private static void UnknownPeers(int seed, Measurements to)
    {
        var random = new Random(seed);
        var (time, swarm, _) = Build(seed, PeerProfile.UnknownPeers(random), Movie, MiB);
        var stalled = 0L;
        for (var i = 0; i < 12; i++)
        {
            var position = random.NextInt64(900) * MiB;
            var player = new SimPlayer(time, swarm, position, Movie, 1e6);
            time.Until(() => player.BytesRead > 0, 60 * Second);
            to.Add("unknown peers: seek to first piece, s", (time.Now - player.BegunAt) / 1e6);
            time.Until(() => player.StartedAt >= 0, 60 * Second);
            time.Until(() => false, 15 * Second);
            stalled += player.Stalled;
            player.Close();
        }

        to.Add("unknown peers: stalled share of play, %", stalled * 100.0 / (12 * 15 * Second));
        to.Add("unknown peers: wasted share of bytes, %", 100.0 * (swarm.BytesReceived - swarm.BytesUseful) / swarm.BytesReceived);
    }

    private static void SilentOwner(int seed, Measurements to)
    {
        var profiles = PeerProfile.Wan.ToList();
        profiles[7] = profiles[7] with { GoesSilent = true };
        var (time, swarm, random) = Build(seed, profiles, Movie, MiB);
        for (var i = 0; i < 5; i++)
        {
            to.Add("a seeder goes silent: seek 1 MiB, s", Read(time, swarm, random.NextInt64(Movie - MiB), MiB, Movie));
        }
    }

    private static void Chokes(int seed, Measurements to)
    {
        var profiles = PeerProfile.Wan.Select((profile, i) => profile with { ChokesEvery = 3, Fast = i % 2 == 0 });
        var (time, swarm, random) = Build(seed, profiles, Movie, MiB);
        for (var i = 0; i < 20; i++)
        {
            to.Add("choke storm: seek 1 MiB, s", Read(time, swarm, random.NextInt64(Movie - MiB), MiB, Movie));
        }

        to.Add("choke storm: 64 MiB, MB/s", 64.0 * MiB / 1e6 / Read(time, swarm, 0, 64L * MiB, Movie), true);
    }

    private static void Liar(int seed, Measurements to)
    {
        var profiles = PeerProfile.Wan.ToList();
        profiles[6] = profiles[6] with { Lies = true };
        var (time, swarm, _) = Build(seed, profiles, Movie, MiB);
        var seconds = Read(time, swarm, 0, MiB, Movie);
        to.Add("a liar: first 1 MiB, s", seconds);
        to.Add("a liar: banned of 1", swarm.Banned, true);
    }

    private static (VirtualTime Time, SimSwarm Swarm, Random Random) Wan(int seed, long length, int pieceLength)
    {
        return Build(seed, PeerProfile.Wan, length, pieceLength);
    }

    private static (VirtualTime Time, SimSwarm Swarm, Random Random) Build(
        int seed,
        IEnumerable<PeerProfile> peers,
        long length,
        int pieceLength
    )
    {
        var time = new VirtualTime();
        var random = new Random(seed);
        return (time, new SimSwarm(time, new PieceLayout(length, pieceLength), peers, random), random);
    }

    /// <summary>One request, from opening to its last byte; seconds.</summary>
    private static double Read(VirtualTime time, SimSwarm swarm, long position, long? length, long fileEnd, long? stopAfter = null)
    {
        var start = time.Now;
        var reader = swarm.Open(position, length, fileEnd);
        time.Until(() => reader.Done || reader.BytesRead >= stopAfter, 120 * Second);
        reader.Close();
        var seconds = (time.Now - start) / 1e6;
        time.Until(() => false, 3000); // the client's next request
        return seconds;
    }
}
