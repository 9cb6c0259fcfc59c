using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.Simulation;

/// <summary>A scheduler under an even load, to measure what a block costs it: peers at 2.7 MB/s each, which send four blocks in turn, and a reader who copies.</summary>
internal sealed class SchedulerLoad : IPieceAdmission
{
    /// <summary>Blocks that a peer sends in its turn.</summary>
    public const int Batch = 4;

    private const int MiB = 1 << 20;
    private const int BlocksPerPiece = MiB / PieceLayout.BlockLength;

    private readonly PieceScheduler _scheduler = new(new PieceLayout(1L << 40, MiB), new SchedulerLimits(16 * MiB, ProbationPieces: false));
    private readonly CommandBuffer _commands = new();
    private readonly Dictionary<int, int> _filled = new(1024);
    private readonly Queue<BlockRef>[] _asked;
    private long _now = 1_000_000;
    private int _position;
    private int _turn;

    public SchedulerLoad(int peers)
    {
        _asked = [.. Enumerable.Range(0, peers).Select(_ => new Queue<BlockRef>(1024))];
        for (var i = 0; i < peers; i++)
        {
            var slot = new PeerSlot(i, 1);
            _scheduler.PeerJoined(slot, new PeerTraits((ulong)i + 1, 500, 20_000 + (i * 3000), true), _now);
            _scheduler.PeerHasAll(slot);
            _scheduler.Unchoked(slot, _now);
        }
    }

    /// <summary>Blocks that were received.</summary>
    public long Accepted => _scheduler.Accepted;

    public bool TryOpen(int piece, bool urgent)
    {
        return true;
    }

    /// <summary>The next peer has its turn, this many times.</summary>
    public void Run(int turns)
    {
        for (var i = 0; i < turns; i++)
        {
            var peer = _turn++ % _asked.Length;
            _now += 24_000 / _asked.Length;
            Send(peer);
            var reader = new ReaderState((long)_position * MiB, (_position + 64L) * MiB, 1_000_000_000, _now - 1000);
            _scheduler.ReaderSet(new ReaderId(1), reader, _now);
            _commands.Clear();
            _scheduler.Run(Grant.Unlimited, this, _commands, _now);
            Ask();
        }
    }

    private void Send(int peer)
    {
        Span<BlockRef> batch = stackalloc BlockRef[Batch];
        Span<Claim> verdicts = stackalloc Claim[Batch];
        var taken = 0;
        while (taken < Batch && _asked[peer].TryDequeue(out var block))
        {
            batch[taken++] = block;
        }

        _scheduler.Received(new PeerSlot(peer, 1), batch[..taken], verdicts, _now);
        for (var i = 0; i < taken; i++)
        {
            if (verdicts[i] == Claim.New)
            {
                Fill(batch[i].Piece);
            }
        }
    }

    private void Fill(int piece)
    {
        _filled.TryGetValue(piece, out var filled);
        _filled[piece] = ++filled;
        if (filled == BlocksPerPiece)
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
