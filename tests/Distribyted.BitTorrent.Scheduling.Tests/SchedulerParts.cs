using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Scheduling.Tracing;

namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>The parts of a scheduler without the scheduler: ten pieces of four blocks, or as many as the test wants, the last of one block of 100 bytes.</summary>
internal sealed class SchedulerParts : IPieceAdmission
{
    public const int Block = PieceLayout.BlockLength;
    public const int Piece = 4 * Block;
    public const long Rtt = 50_000;

    public SchedulerParts(SchedulerLimits? limits = null, int pieces = 10, int blocks = 4)
    {
        Layout = new PieceLayout(((pieces - 1L) * blocks * Block) + 100, blocks * Block);
        Limits = limits ?? new SchedulerLimits(16 << 20);
        Peers = new PeerStates(Layout.PieceCount);
        Pieces = new PieceStates(Layout);
        Demand = new Demand(Layout);
        Requests = new RequestBook(Layout, Peers, Pieces, Demand, Trace);
        Probation = new Probation(Limits, Peers, Pieces, Demand);
        Lifetime = new PieceLifetime(Pieces, Demand, Requests, Probation);
        Interest = new Interest(Peers, Demand);
        Watch = new PeerWatch(Peers, Demand, Requests, Probation, Interest);
        Urgent = new UrgentPieces(Layout, Peers, Pieces, Demand);
        Candidates = new Candidates(Layout, Limits, Peers, Requests, Probation);
        Late = new LateBlocks(Layout, Limits, Peers, Pieces, Demand, Candidates, Trace);
        Assignment = new Assignment(Layout, Limits, Pieces, Demand, Probation, Candidates);
    }

    public ScheduleTrace Trace { get; } = new(1000);
    public PieceLayout Layout { get; }
    public SchedulerLimits Limits { get; }
    public PeerStates Peers { get; }
    public PieceStates Pieces { get; }
    public Demand Demand { get; }
    public RequestBook Requests { get; }
    public Probation Probation { get; }
    public PieceLifetime Lifetime { get; }
    public Interest Interest { get; }
    public PeerWatch Watch { get; }
    public UrgentPieces Urgent { get; }
    public Candidates Candidates { get; }
    public LateBlocks Late { get; }
    public Assignment Assignment { get; }
    public CommandBuffer Output { get; } = new();
    public long Now { get; set; } = 1_000_000;

    /// <summary>What was written since the last look.</summary>
    public IReadOnlyList<Command> Commands
    {
        get
        {
            var commands = Output.Span.ToArray();
            Output.Clear();
            return commands;
        }
    }

    public bool TryOpen(int piece, bool urgent)
    {
        return true;
    }

    /// <summary>A peer that has every piece, does not choke us, and was never asked for anything.</summary>
    public PeerState Join(int index = 0, bool fast = true, ulong host = 0, long rtt = Rtt)
    {
        var peer = Peers.Reserve(index);
        peer.Join(new PeerSlot(index, 1), new PeerTraits(host == 0 ? (ulong)index + 1 : host, 250, rtt, fast), Now);
        peer.Has.AddAll();
        peer.Choked = false;
        return peer;
    }

    public PieceState Open(int piece, long deadline = long.MaxValue)
    {
        return Pieces.Add(piece, deadline);
    }

    public void Ask(PeerState peer, PieceState piece, params int[] blocks)
    {
        foreach (var block in blocks)
        {
            Requests.Ask(peer, piece, block, Output, Now);
        }
    }

    public Claim Receive(PeerState peer, int piece, int block)
    {
        return Requests.Receive(peer, new Protocol.Wire.BlockRef(piece, block), Limits.MaxOutstanding, Now);
    }

    public ReaderDemand Read(long position, long window, long rate = 0, bool blocked = true, long id = 1)
    {
        Demand.Set(new ReaderId(id), new ReaderState(position, position + window, rate, blocked ? Now : -1), -1);
        foreach (var reader in Demand.Readers)
        {
            if (reader.Id.Value == id)
            {
                return reader;
            }
        }

        throw new InvalidOperationException("the reader is not there");
    }
}
