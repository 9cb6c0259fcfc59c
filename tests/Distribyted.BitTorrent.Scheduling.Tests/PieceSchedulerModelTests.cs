using CsCheck;

namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>Any sequence of events keeps the rules of the README: the desk checks them after each step.</summary>
internal sealed class PieceSchedulerModelTests
{
    private static readonly Gen<(int Kind, int A, int B)[]> Steps = Gen.Select(Gen.Int[0, 19], Gen.Int[0, 1000], Gen.Int[0, 1000]).Array[
        1,
        250
    ];

    [Test]
    public void Any_events_keep_the_rules()
    {
        Steps.Sample(
            steps => Play(new SchedulerDesk(3_000_000, 100_000, new SchedulerLimits(16 << 20, ProbationPieces: false)), steps),
            iter: 400,
            threads: 1
        );
    }

    [Test]
    public void Any_events_keep_the_rules_with_a_short_hash_frontier()
    {
        Steps.Sample(
            steps => Play(new SchedulerDesk(4_000_001, 600_000, new SchedulerLimits(128 * 1024, ProbationPieces: false)), steps),
            iter: 200,
            threads: 1
        );
    }

    [Test]
    public void Any_events_keep_the_rules_with_peers_on_probation()
    {
        Steps.Sample(steps => Play(new SchedulerDesk(3_000_000, 100_000, new SchedulerLimits(16 << 20)), steps), iter: 200, threads: 1);
    }

    [Test]
    public void The_same_events_give_the_same_commands()
    {
        Steps.Sample(
            steps => Play(new SchedulerDesk(3_000_000, 100_000), steps).SequenceEqual(Play(new SchedulerDesk(3_000_000, 100_000), steps)),
            iter: 100,
            threads: 1
        );
    }

    private static List<Command> Play(SchedulerDesk desk, (int Kind, int A, int B)[] steps)
    {
        var log = new List<Command>();
        var before = 0;
        foreach (var (kind, a, b) in steps)
        {
            Step(desk, kind, a, b);
            if (kind is 2 or 3 or 4 && !desk.NeedsRun)
            {
                AllThatCanBeAskedIs(desk, before); // whoever calls may leave out the run
            }

            before = kind;
            desk.Run(kind == 19 ? new Grant(a * 100L, b * 20L) : null);
            log.AddRange(desk.Commands);
            AllThatCanBeAskedIs(desk, kind);
        }

        return log;
    }

    /// <summary>When nothing is under way, whatever a reader wants and a willing peer has is asked for at once.</summary>
    private static void AllThatCanBeAskedIs(SchedulerDesk desk, int kind)
    {
        var idle = desk.Peers.All(slot => desk.Scheduler.OutstandingOf(slot) == 0);
        if (idle && kind != 19 && desk.Admits)
        {
            Assert.That(
                desk.AnythingMissingFor(slot =>
                    desk.IsWilling(slot) && !desk.Scheduler.IsOnProbation(slot) && !desk.Scheduler.IsStalled(slot)
                ),
                Is.False
            );
        }
    }

    private static void Step(SchedulerDesk desk, int kind, int a, int b)
    {
        var peers = desk.Peers.OrderBy(slot => slot.Generation).ToList();
        var peer = peers.Count > 0 ? peers[a % peers.Count] : default;
        switch (kind)
        {
            case 0 or 1:
                if (peers.Count < 8)
                {
                    desk.Join(
                        1000 * (1 + b),
                        reqq: 1 + (a % 40),
                        fast: b % 3 != 0,
                        host: (ulong)(1 + (a % 5)),
                        seed: a % 2 == 0,
                        unchoked: b % 4 != 0
                    );
                }

                break;
            case 2 or 3:
                desk.Read(desk.Layout.TotalLength * a / 1001, b * 2000L, rate: (b % 5) * 300_000L, blocked: a % 3 != 0, id: b % 4);
                break;
            case 4 when a % 2 == 0:
                desk.Linger(desk.Layout.TotalLength * a / 1001, b * 2000L, id: b % 4);
                break;
            case 4:
                desk.StopReading(b % 4);
                break;
            case 18:
                desk.Admits = b % 2 == 0;
                break;
            case 17:
                desk.Now += (a % 50) * 1_000_000L;
                break;
            case 16 or 15:
                desk.Now += a * 100L;
                break;
            default:
                if (peers.Count > 0)
                {
                    PeerStep(desk, peer, kind, b);
                }

                break;
        }
    }

    private static void PeerStep(SchedulerDesk desk, PeerSlot peer, int kind, int b)
    {
        var piece = b % desk.Layout.PieceCount;
        var asked = desk.Asked(peer);
        switch (kind)
        {
            case 5:
                desk.Leave(peer);
                break;
            case 6:
                desk.Choke(peer);
                break;
            case 7:
                desk.Unchoke(peer);
                break;
            case 8:
                desk.Has(peer, piece);
                break;
            case 9:
                desk.Lost(peer, piece);
                break;
            case 10 when asked.Count > 0:
                desk.Reject(peer, asked[b % asked.Count]);
                break;
            case 11:
                desk.AllowFast(peer, piece);
                break;
            case 12:
                desk.Evict(piece);
                break;
            case 13 or 14:
                Deliver(desk, peer, 1 + (b % 30), b);
                break;
        }
    }

    private static void Deliver(SchedulerDesk desk, PeerSlot peer, int count, int chance)
    {
        for (var i = 0; i < count && desk.Asked(peer).Count > 0; i++)
        {
            desk.Now += 100;
            var block = desk.Asked(peer)[chance % 7 == 0 ? desk.Asked(peer).Count - 1 : 0];
            desk.Send(peer, block);
            if (!desk.IsWhole(block.Piece))
            {
                desk.Hash(block.Piece, desk.HashedPrefix(block.Piece));
            }
            else if (chance % 5 == 0)
            {
                desk.Fail(block.Piece);
            }
            else
            {
                desk.Verify(block.Piece);
            }
        }
    }
}
