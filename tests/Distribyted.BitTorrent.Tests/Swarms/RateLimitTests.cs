using System.Net;
using Distribyted.BitTorrent.Protocol;
using Distribyted.Lab;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>Limits of whole sessions, by a clock that the test moves.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class RateLimitTests
{
    private const int Limit = 2_000_000; // bytes per second
    private const int Length = 5_000_000;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(0.1);
    private static readonly LabContent Film = LabContent.File("film.mkv", 12_345_678);

    [Test]
    public async Task A_download_limit_is_kept(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256.KiB(),
            cancellationToken,
            static o => o.Swarm.DownloadRateLimit = Limit,
            new FakeTimeProvider()
        );
        var (one, other) = (bed.AddPeer(PeerHabit.Honest), bed.AddPeer(PeerHabit.Honest));
        var torrent = await bed.AddFileAsync(cancellationToken, one.EndPoint, other.EndPoint);

        var reading = bed.ReadAndCompareAsync(torrent, 0, Length, cancellationToken);

        // A tenth of a second's worth may be saved up, and a fifth borrowed for a blocked reader.
        Assert.That(
            await SecondsUntilAsync(reading, bed, cancellationToken),
            Is.GreaterThan(SecondsOf(Length) - 0.1 - 0.2 - Step.TotalSeconds)
        );
    }

    [Test]
    public async Task An_upload_limit_is_kept(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(
            Film,
            256.KiB(),
            cancellationToken,
            static o =>
            {
                o.Swarm.UploadRateLimit = Limit;
                o.Swarm.DisablePex = true; // else the other one is told of the seeder, and reads from there
            },
            new FakeTimeProvider()
        );
        var torrent = await bed.AddFileAsync(cancellationToken, bed.AddPeer(PeerHabit.Honest).EndPoint);
        await bed.ReadAndCompareAsync(torrent, 0, Length, cancellationToken);
        await using var other = await SwarmBed.StartAsync(Film, 256.KiB(), cancellationToken);
        var copy = await other.AddFileAsync(cancellationToken, new PeerEndPoint(IPAddress.Loopback, bed.Session.ListenPort));

        var reading = other.ReadAndCompareAsync(copy, 0, Length, cancellationToken);

        // A tenth of a second's worth may be saved up, and a send of eight blocks goes out whole.
        Assert.That(
            await SecondsUntilAsync(reading, bed, cancellationToken),
            Is.GreaterThan(SecondsOf(Length - 128.KiB()) - 0.1 - Step.TotalSeconds)
        );
    }

    /// <summary>Moves the clock until the task has ended; how far.</summary>
    private static async Task<double> SecondsUntilAsync(Task task, SwarmBed bed, CancellationToken cancellationToken)
    {
        var steps = 0;
        for (; !task.IsCompleted; steps++)
        {
            await bed.PassAsync(Step, cancellationToken);
        }

        await task;
        return steps * Step.TotalSeconds;
    }

    private static double SecondsOf(int bytes)
    {
        return (double)bytes / Limit;
    }
}
