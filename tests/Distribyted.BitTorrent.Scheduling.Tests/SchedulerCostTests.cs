using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>What a block costs with sixty peers and a reader who copies: memory nothing, time little.</summary>
[NonParallelizable]
internal sealed class SchedulerCostTests : IPieceAdmission
{
    private const int MiB = 1 << 20;
    private const int Peers = 60;

    private readonly PieceLayout _layout = new(8192L * MiB, MiB);
    private readonly CommandBuffer _commands = new();
    private readonly Queue<BlockRef>[] _asked = [.. Enumerable.Range(0, Peers).Select(_ => new Queue<BlockRef>(1024))];
    private readonly Dictionary<int, int> _filled = new(1024);
    private PieceScheduler _scheduler = null!;
    private long _now = 1_000_000;
    private int _position;

    public bool TryOpen(int piece, bool urgent)
    {
        return true;
    }

    [Test]
    public void A_block_costs_no_memory_and_a_few_microseconds()
    {
        _scheduler = new PieceScheduler(_layout, new SchedulerLimits(16 * MiB, ProbationPieces: false));
        for (var i = 0; i < Peers; i++)
        {
            var slot = new PeerSlot(i, 1);
            _scheduler.PeerJoined(slot, new PeerTraits((ulong)i + 1, 500, 20_000 + (i * 3000), true), _now);
            _scheduler.PeerHasAll(slot);
            _scheduler.Unchoked(slot, _now);
        }

        Rounds(60);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var accepted = _scheduler.Accepted;
        var spent = Environment.CpuUsage.TotalTime; // not the wall clock: others use the machine
        Rounds(100);
        var blocks = _scheduler.Accepted - accepted;
        var each = (Environment.CpuUsage.TotalTime - spent).TotalMicroseconds / blocks;

        TestContext.Out.WriteLine($"{blocks} blocks, {each:0.00} us each");
        Assert.That(blocks, Is.GreaterThan(10_000));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2048));
        Assert.That(each, Is.LessThan(40), "5 us is the aim of a release build on an idle machine; this catches something quadratic");
    }

    private void Rounds(int count)
    {
        Span<BlockRef> batch = stackalloc BlockRef[4];
        Span<Claim> verdicts = stackalloc Claim[4];
        for (var round = 0; round < count; round++)
        {
            for (var peer = 0; peer < Peers; peer++)
            {
                var taken = 0;
                while (taken < batch.Length && _asked[peer].TryDequeue(out var block))
                {
                    batch[taken++] = block;
                }

                _now += 400; // 60 peers x 2.7 MB/s
                _scheduler.Received(new PeerSlot(peer, 1), batch[..taken], verdicts, _now);
                for (var i = 0; i < taken; i++)
                {
                    if (verdicts[i] == Claim.New)
                    {
                        Fill(batch[i].Piece);
                    }
                }

                _scheduler.ReaderSet(
                    new ReaderId(1),
                    new ReaderState((long)_position * MiB, (_position + 64L) * MiB, 1_000_000_000, _now - 1000),
                    _now
                );
                _commands.Clear();
                _scheduler.Run(Grant.Unlimited, this, _commands, _now);
                Take();
            }
        }
    }

    private void Fill(int piece)
    {
        _filled.TryGetValue(piece, out var filled);
        _filled[piece] = ++filled;
        if (filled == 64)
        {
            _filled.Remove(piece);
            _scheduler.PieceAvailable(piece);
            while (!_scheduler.IsWanted(_position) && _position < piece + 1)
            {
                _position++;
            }
        }
    }

    private void Take()
    {
        foreach (ref readonly var command in _commands.Span)
        {
            for (int block = command.First; command.Kind == CommandKind.Request && block < command.First + command.Count; block++)
            {
                _asked[command.Peer.Index].Enqueue(new BlockRef(command.Piece, block));
            }
        }
    }
}
