using BenchmarkDotNet.Attributes;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.Benchmarks;

/// <summary>What deciding costs, per block, with peers at 2.7 MB/s each and a reader who copies.</summary>
[MemoryDiagnoser]
public class SchedulerBenchmarks : IPieceAdmission
{
    private const int MiB = 1 << 20;
    private const int Batch = 4;
    private const int Batches = 1000;

    private readonly PieceLayout _layout = new(1L << 40, MiB);
    private readonly CommandBuffer _commands = new();
    private readonly Dictionary<int, int> _filled = new(1024);
    private Queue<BlockRef>[] _asked = [];
    private PieceScheduler _scheduler = null!;
    private long _now = 1_000_000;
    private int _position;
    private int _turn;

    [Params(4, 60)]
    public int Peers { get; set; }

    bool IPieceAdmission.TryOpen(int piece, bool urgent)
    {
        return true;
    }

    [GlobalSetup]
    public void Connect()
    {
        _asked = [.. Enumerable.Range(0, Peers).Select(_ => new Queue<BlockRef>(1024))];
        _scheduler = new PieceScheduler(_layout, new SchedulerLimits(16 * MiB, ProbationPieces: false));
        for (var i = 0; i < Peers; i++)
        {
            var slot = new PeerSlot(i, 1);
            _scheduler.PeerJoined(slot, new PeerTraits((ulong)i + 1, 500, 20_000 + (i * 3000), true), _now);
            _scheduler.PeerHasAll(slot);
            _scheduler.Unchoked(slot, _now);
        }

        Batches_of_four_blocks();
    }

    [Benchmark(OperationsPerInvoke = Batch * Batches)]
    public void Batches_of_four_blocks()
    {
        Span<BlockRef> batch = stackalloc BlockRef[Batch];
        Span<Claim> verdicts = stackalloc Claim[Batch];
        for (var i = 0; i < Batches; i++)
        {
            var peer = _turn++ % Peers;
            var taken = 0;
            while (taken < Batch && _asked[peer].TryDequeue(out var block))
            {
                batch[taken++] = block;
            }

            _now += 24_000 / Peers;
            _scheduler.Received(new PeerSlot(peer, 1), batch[..taken], verdicts, _now);
            for (var j = 0; j < taken; j++)
            {
                if (verdicts[j] == Claim.New)
                {
                    Fill(batch[j].Piece);
                }
            }

            var reader = new ReaderState((long)_position * MiB, (_position + 64L) * MiB, 1_000_000_000, _now - 1000);
            _scheduler.ReaderSet(new ReaderId(1), reader, _now);
            _commands.Clear();
            _scheduler.Run(Grant.Unlimited, this, _commands, _now);
            Ask();
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

    private void Ask()
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
