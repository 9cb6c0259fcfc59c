using Distribyted.BitTorrent.Scheduling.Tracing;
using Distribyted.Lab;

namespace Distribyted.BitTorrent.Tests.Swarms;

/// <summary>The events of a torrent's scheduler, from whole swarms on loopback.</summary>
[CancelAfter(60_000)]
internal sealed class TraceTests
{
    private static readonly LabContent Film = LabContent.File("film.mkv", 1 << 20);

    [Test]
    public async Task Every_block_of_a_read_is_in_the_trace_and_its_peer_is_named(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 64 * 1024, cancellationToken, o => o.Swarm.TraceEvents = 10_000);
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, (int)Film.Length, cancellationToken);

        var lines = torrent.GetTrace()!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var peers = lines.Where(line => line.StartsWith('#')).Select(line => line.Split(' ')).ToList();
        var events = lines.SkipWhile(line => line.StartsWith('#')).Skip(1).Select(line => line.Split('\t')).ToList();
        var received = events.Where(cells => cells[1] == nameof(TraceKind.Received)).Select(cells => $"{cells[3]}.{cells[4]}").ToList();
        Assert.That(received, Is.Unique);
        Assert.That(received, Has.Count.EqualTo(64));
        var asked = events.Where(cells => cells[1] == nameof(TraceKind.Asked)).Select(cells => cells[2]).Distinct();
        Assert.That(peers.Select(words => words[2]), Is.SupersetOf(asked));
        Assert.That(peers.Select(words => words[4]), Has.All.StartsWith("127."));
    }

    [Test]
    public async Task Nothing_is_kept_unless_it_is_asked_for(CancellationToken cancellationToken)
    {
        await using var bed = await SwarmBed.StartAsync(Film, 64 * 1024, cancellationToken);
        var torrent = await bed.AddSeededAsync(cancellationToken);
        await bed.ReadAndCompareAsync(torrent, 0, 1000, cancellationToken);

        Assert.That(torrent.GetTrace(), Is.Null);
    }
}
