using System.Net;
using System.Runtime.CompilerServices;
using Distribyted.BitTorrent.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Discovery.Tests.Trackers;

/// <summary>How tests of announcers move the clock and wait.</summary>
internal static class Announcing
{
    public static readonly PeerEndPoint Peer = new(IPAddress.Parse("127.0.0.9"), 5000);

    public static FakeSwarm Swarm(string name)
    {
        return new FakeSwarm { InfoHash = InfoHash.Compute(System.Text.Encoding.ASCII.GetBytes(name)) };
    }

    /// <summary>Lets the timer's grain pass, so that what is due now is done.</summary>
    public static void Tick(TrackerBench bench)
    {
        bench.Time?.Advance(TimeSpan.FromMilliseconds(25));
    }

    /// <summary>Moves the clock on, and by at most the spread of intervals more while nothing is under way, until something has happened.</summary>
    public static async Task AdvanceUntilAsync(
        TrackerBench bench,
        TimeSpan by,
        Func<bool> condition,
        CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        await bench.SettledAsync(cancellationToken);
        bench.Time!.Advance(by);
        var latest = bench.Time.GetUtcNow() + (by / 10) + TimeSpan.FromSeconds(5);
        while (!condition())
        {
            if (bench.IsSettled)
            {
                bench.Time.Advance(TimeSpan.FromMilliseconds(1));
                if (bench.Time.GetUtcNow() > latest && !condition())
                {
                    Assert.Fail($"After {by} and a tenth of it not yet: {what}\n{bench.Log.All}");
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Moves the clock on at its true pace, so that what is due has the time to happen on a busy machine, until something has happened; how far.</summary>
    public static async Task<TimeSpan> AdvanceSlowlyAsync(FakeTimeProvider time, Func<bool> condition, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            await tick.WaitForNextTickAsync(cancellationToken);
            time.Advance(TimeSpan.FromMilliseconds(5));
        }

        return time.GetElapsedTime(start);
    }
}
