using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>Lets the peers of a desk answer: each sends its blocks in order, at its own speed and distance.</summary>
internal sealed class SchedulerLine(SchedulerDesk desk)
{
    private readonly Dictionary<PeerSlot, Line> _lines = [];

    /// <summary>Who delivered what, in order of arrival.</summary>
    public List<(PeerSlot Peer, BlockRef Block, long At)> Arrivals { get; } = [];

    public PeerSlot Join(long rate, long rtt = 50_000, bool fast = true)
    {
        var slot = desk.Join(rtt, fast: fast);
        _lines[slot] = new Line(rtt, 16384 * 1_000_000L / rate);
        return slot;
    }

    /// <summary>Silences a peer.</summary>
    public void Stall(PeerSlot slot)
    {
        _lines[slot].Stalled = true;
    }

    /// <summary>Runs until the condition holds or this many microseconds are over.</summary>
    public bool Until(Func<bool> done, long within = 30_000_000)
    {
        var end = desk.Now + within;
        Take();
        while (!done())
        {
            var next = _lines
                .Values.Where(line => !line.Stalled && line.Queue.Count > 0)
                .Select(line => line.NextAt)
                .DefaultIfEmpty(long.MaxValue)
                .Min();
            next = Math.Max(desk.Now, Math.Min(next, desk.Wake));
            if (next > end)
            {
                return false;
            }

            desk.Now = next;
            Deliver();
            Take();
        }

        return true;
    }

    private void Deliver()
    {
        foreach (var (slot, line) in _lines)
        {
            while (!line.Stalled && line.Queue.Count > 0 && line.NextAt <= desk.Now)
            {
                var block = line.Queue[0].Block;
                line.Queue.RemoveAt(0);
                line.FreeAt = line.LastAt = desk.Now;
                Arrivals.Add((slot, block, desk.Now));
                desk.Send(slot, block);
                if (desk.IsWhole(block.Piece))
                {
                    desk.Verify(block.Piece);
                }
            }
        }
    }

    private void Take()
    {
        desk.Run();
        foreach (var command in desk.Commands)
        {
            for (int block = command.First; block < command.First + command.Count; block++)
            {
                var name = new BlockRef(command.Piece, block);
                if (command.Kind == CommandKind.Request)
                {
                    _lines[command.Peer].Queue.Add((name, desk.Now));
                }
                else if (
                    command.Kind == CommandKind.Cancel
                    && !_lines[command.Peer].Stalled
                    && _lines[command.Peer].Queue.RemoveAll(item => item.Block == name) > 0
                )
                {
                    desk.Reject(command.Peer, name);
                }
            }
        }
    }

    private sealed class Line(long rtt, long blockTime)
    {
        public bool Stalled { get; set; }
        public long FreeAt { get; set; }
        public long LastAt { get; set; }
        public List<(BlockRef Block, long At)> Queue { get; } = [];
        public long NextAt => Math.Max(FreeAt, Queue[0].At + rtt) + blockTime;
    }
}
