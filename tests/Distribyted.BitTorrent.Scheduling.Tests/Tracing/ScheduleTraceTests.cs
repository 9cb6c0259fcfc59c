using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling.Tracing;

namespace Distribyted.BitTorrent.Scheduling.Tests.Tracing;

internal sealed class ScheduleTraceTests : IPieceAdmission
{
    private const int Piece = 32 * 1024;

    [TestCase(2, ExpectedResult = "0 1")]
    [TestCase(3, ExpectedResult = "0 1 2")]
    [TestCase(8, ExpectedResult = "5 6 7")]
    public string The_last_events_are_kept_oldest_first(int written)
    {
        var trace = new ScheduleTrace(3);
        for (var i = 0; i < written; i++)
        {
            trace.Add(new TraceEvent(i, TraceKind.Asked, 0, 0, 0, 0, 0));
        }

        return string.Join(' ', trace.ToArray().Select(item => item.At));
    }

    [Test]
    public void Everything_that_happens_to_a_block_is_told()
    {
        var trace = new ScheduleTrace(1000);
        var scheduler = new PieceScheduler(new PieceLayout(10 * Piece, Piece), new SchedulerLimits(1 << 20), trace);
        var (one, other) = (new PeerSlot(0, 1), new PeerSlot(1, 1));
        scheduler.PeerJoined(one, new PeerTraits(1, 250, 50_000, true), 1000);
        scheduler.PeerHasAll(one);
        scheduler.Unchoked(one, 2000);
        scheduler.ReaderSet(new ReaderId(7), new ReaderState((3 * Piece) + 5, 4 * Piece, 0, 3000), 3000);
        Run(scheduler, 3000);
        Span<Claim> verdicts = stackalloc Claim[1];
        scheduler.Received(one, [new BlockRef(3, 0)], verdicts, 70_000);
        scheduler.Received(one, [new BlockRef(3, 0)], verdicts, 71_000); // not asked for any more
        scheduler.Rejected(one, new BlockRef(3, 1), 72_000);
        scheduler.PeerHas(one, 3);
        Run(scheduler, 73_000);
        scheduler.PeerJoined(other, new PeerTraits(2, 250, 50_000, true), 4_000_000);
        scheduler.PeerHasAll(other);
        scheduler.Unchoked(other, 4_000_000);
        Run(scheduler, 4_100_000); // the first one stalls
        scheduler.Received(other, [new BlockRef(3, 1)], verdicts, 4_200_000);
        scheduler.Received(one, [new BlockRef(3, 1)], verdicts, 4_250_000);
        scheduler.PieceFailed(3, 4_300_000);
        scheduler.PieceAvailable(3);
        scheduler.Choked(one, 4_400_000);
        scheduler.PeerLeft(one, 4_500_000);

        Assert.That(
            trace.ToArray().Select(item => $"{item.At} {item.Kind} {item.Peer} {item.Piece} {item.Block} {item.Queue}"),
            Is.EqualTo(
                new[]
                {
                    "1000 PeerJoined 0 -1 -1 0",
                    "2000 Unchoked 0 -1 -1 0",
                    "3000 ReaderWaits 7 3 -1 0",
                    "3000 Asked 0 3 0 0",
                    "3000 Asked 0 3 1 1",
                    "70000 Received 0 3 0 2",
                    "72000 Rejected 0 3 1 1",
                    "73000 Asked 0 3 1 0",
                    "4000000 PeerJoined 1 -1 -1 0",
                    "4000000 Unchoked 1 -1 -1 0",
                    "4100000 AskedAgain 1 3 1 0",
                    "4100000 Asked 1 3 1 0",
                    "4200000 Received 1 3 1 1",
                    "4200000 Cancelled 0 3 1 1",
                    "4250000 Wasted 0 3 1 1",
                    "4300000 PieceFailed -1 3 -1 0",
                    "4100000 PieceAvailable -1 3 -1 0",
                    "4400000 Choked 0 -1 -1 0",
                    "4500000 PeerLeft 0 -1 -1 0",
                }
            )
        );
        Assert.That(
            trace.ToArray().Single(item => item is { Kind: TraceKind.Received, Block: 0 }).Value,
            Is.EqualTo(67_000),
            "since it was asked"
        );
        Assert.That(trace.ToArray()[2].Value, Is.EqualTo((3 * Piece) + 5), "the position");
    }

    public bool TryOpen(int piece, bool urgent)
    {
        return true;
    }

    private void Run(PieceScheduler scheduler, long now)
    {
        scheduler.Run(Grant.Unlimited, this, new CommandBuffer(), now);
    }
}
