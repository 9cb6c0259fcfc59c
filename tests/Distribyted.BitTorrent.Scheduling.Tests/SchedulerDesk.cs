using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Scheduling.Tests;

/// <summary>A scheduler with a clock, and a second set of books that checks every command against the rules of the README.</summary>
internal sealed class SchedulerDesk : IPieceAdmission
{
    private readonly CommandBuffer _buffer = new();
    private readonly Dictionary<PeerSlot, Peer> _peers = [];
    private readonly HashSet<int> _opened = [];
    private readonly HashSet<int> _available = [];
    private readonly HashSet<BlockRef> _filled = [];
    private readonly Dictionary<int, int> _hashed = [];
    private readonly SchedulerLimits _limits;
    private readonly HashSet<PeerSlot> _dropped = [];
    private readonly HashSet<int> _failed = [];
    private int _generation;

    public SchedulerDesk(long total = 64 << 20, int pieceLength = 1 << 20, SchedulerLimits? limits = null)
    {
        Layout = new PieceLayout(total, pieceLength);
        _limits = limits ?? new SchedulerLimits(16 << 20, ProbationPieces: false);
        Scheduler = new PieceScheduler(Layout, _limits);
    }

    public PieceLayout Layout { get; }
    public PieceScheduler Scheduler { get; }
    public long Now { get; set; } = 1_000_000;
    public long Wake { get; private set; } = long.MaxValue;
    public bool Admits { get; set; } = true;

    /// <summary>What the last call about a reader returned.</summary>
    public bool NeedsRun { get; private set; }
    public IReadOnlySet<int> Opened => _opened;
    public IReadOnlyCollection<PeerSlot> Peers => _peers.Keys;
    public List<Command> Commands { get; } = [];

    public bool TryOpen(int piece, bool urgent)
    {
        Assert.That(_opened, Does.Not.Contain(piece), "an open piece is opened again");
        return Admits && _opened.Add(piece);
    }

    public PeerSlot Join(
        long rtt = 50_000,
        int reqq = 250,
        bool fast = true,
        ulong host = 0,
        bool seed = true,
        bool unchoked = true,
        int? index = null
    )
    {
        var slot = new PeerSlot(index ?? FreeIndex(), ++_generation);
        var traits = new PeerTraits(host == 0 ? (ulong)_generation + 1000 : host, reqq, rtt, fast);
        _peers.Add(slot, new Peer(traits));
        Scheduler.PeerJoined(slot, traits, Now);
        if (seed)
        {
            HasAll(slot);
        }

        if (unchoked)
        {
            Unchoke(slot);
        }

        return slot;
    }

    /// <summary>A peer joins in the slot of another whose end was not reported.</summary>
    public PeerSlot JoinInPlaceOf(PeerSlot slot)
    {
        _peers.Remove(slot);
        return Join(index: slot.Index);
    }

    public void Queues(PeerSlot slot, int most)
    {
        _peers[slot] = _peers[slot] with { Traits = _peers[slot].Traits with { MaxRequests = most } };
        Scheduler.PeerQueues(slot, most);
    }

    public void Leave(PeerSlot slot)
    {
        _peers.Remove(slot);
        Scheduler.PeerLeft(slot, Now);
    }

    public void HasAll(PeerSlot slot)
    {
        _peers[slot].Has.UnionWith(Enumerable.Range(0, Layout.PieceCount));
        Scheduler.PeerHasAll(slot);
    }

    public void Bitfield(PeerSlot slot, byte[] bits)
    {
        _peers[slot].Has.Clear();
        _peers[slot].Has.UnionWith(Enumerable.Range(0, Layout.PieceCount).Where(piece => (bits[piece / 8] & (0x80 >> (piece % 8))) != 0));
        Scheduler.PeerBitfield(slot, bits);
    }

    public void Has(PeerSlot slot, int piece)
    {
        _peers[slot].Has.Add(piece);
        Scheduler.PeerHas(slot, piece);
    }

    public void Lost(PeerSlot slot, int piece)
    {
        _peers[slot].Has.Remove(piece);
        Scheduler.PeerLost(slot, piece);
    }

    public void Unchoke(PeerSlot slot)
    {
        _peers[slot].Choked = false;
        Scheduler.Unchoked(slot, Now);
    }

    public void Choke(PeerSlot slot)
    {
        var peer = _peers[slot];
        peer.Choked = true;
        Scheduler.Choked(slot, Now);
        if (!peer.Traits.Fast)
        {
            peer.Out.Clear();
        }
    }

    public void AllowFast(PeerSlot slot, int piece)
    {
        if (_peers[slot].Traits.Fast)
        {
            _peers[slot].Allowed.Add(piece);
        }

        Scheduler.AllowedFast(slot, piece);
    }

    public void Read(long position, long window, long rate = 0, bool blocked = true, long id = 1)
    {
        NeedsRun = Scheduler.ReaderSet(new ReaderId(id), new ReaderState(position, position + window, rate, blocked ? Now : -1), Now);
    }

    public void StopReading(long id = 1)
    {
        NeedsRun = Scheduler.ReaderGone(new ReaderId(id), Now);
    }

    /// <summary>A reader that read a request to its end, and whose window stays for a second.</summary>
    public void Linger(long position, long window, long id = 1)
    {
        NeedsRun = Scheduler.ReaderLingers(new ReaderId(id), new ReaderState(position, position + window, 0, -1), Now + 1_000_000);
    }

    /// <summary>Makes a piece readable that was not fetched: found in the cache.</summary>
    public void Find(int piece)
    {
        _available.Add(piece);
        Scheduler.PieceAvailable(piece);
    }

    /// <summary>Blocks asked of this peer that still wait, oldest first; cancelled ones too when they may still come.</summary>
    public List<BlockRef> Asked(PeerSlot slot)
    {
        return _peers[slot].Out;
    }

    public Claim Send(PeerSlot slot, BlockRef block)
    {
        Span<Claim> verdict = stackalloc Claim[1];
        Scheduler.Received(slot, [block], verdict, Now);
        if (_peers.TryGetValue(slot, out var peer))
        {
            peer.Out.Remove(block);
            peer.Cancelled.Remove(block);
        }

        if (verdict[0] == Claim.New)
        {
            Assert.That(_filled.Add(block), "a block is filled twice");
            Assert.That(_opened, Does.Contain(block.Piece));
        }

        return verdict[0];
    }

    public void Reject(PeerSlot slot, BlockRef block)
    {
        var peer = _peers[slot];
        var before = Scheduler.OutstandingOf(slot);
        Scheduler.Rejected(slot, block, Now);
        var cancelled = peer.Cancelled.Remove(block);
        if (!cancelled && Scheduler.OutstandingOf(slot) == before)
        {
            return; // taken for the answer to the CANCEL of an earlier request
        }

        var asked = peer.Out.Remove(block);
        if (asked && !cancelled)
        {
            _ = peer.Choked ? peer.Allowed.Remove(block.Piece) : peer.Has.Remove(block.Piece);
        }
    }

    public bool IsWilling(PeerSlot slot)
    {
        return !_peers[slot].Choked && !_dropped.Contains(slot);
    }

    /// <summary>Whether there is a block that a reader wants, that no peer was asked for, and that one of these peers has.</summary>
    public bool AnythingMissingFor(Func<PeerSlot, bool> which)
    {
        var willing = _peers.Where(pair => which(pair.Key)).Select(pair => pair.Value).ToList();
        var asked = _peers.Values.SelectMany(peer => peer.Out.Where(block => !peer.Cancelled.Contains(block))).ToHashSet();
        for (var piece = 0; piece < Layout.PieceCount; piece++)
        {
            if (!Scheduler.IsWanted(piece) || _failed.Contains(piece) || !willing.Exists(peer => peer.Has.Contains(piece)))
            {
                continue;
            }

            for (var block = 0; block < Layout.BlockCountOf(piece); block++)
            {
                var name = new BlockRef(piece, block);
                var near = (block - _hashed.GetValueOrDefault(piece)) * (long)PieceLayout.BlockLength < _limits.MaxAheadOfFrontier;
                if (near && !_filled.Contains(name) && !asked.Contains(name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    public int HashedPrefix(int piece)
    {
        var blocks = 0;
        while (blocks < Layout.BlockCountOf(piece) && _filled.Contains(new BlockRef(piece, blocks)))
        {
            blocks++;
        }

        return blocks;
    }

    public bool IsWhole(int piece)
    {
        return _opened.Contains(piece)
            && Enumerable.Range(0, Layout.BlockCountOf(piece)).All(block => _filled.Contains(new BlockRef(piece, block)));
    }

    public void Verify(int piece)
    {
        Forget(piece);
        _failed.Remove(piece);
        _available.Add(piece);
        Scheduler.PieceAvailable(piece);
    }

    public void Fail(int piece)
    {
        _filled.RemoveWhere(block => block.Piece == piece);
        _hashed.Remove(piece);
        _failed.Add(piece); // may be left to one peer alone
        Scheduler.PieceFailed(piece, Now);
    }

    /// <summary>A piece loses its slot while it is fetched.</summary>
    public void Close(int piece)
    {
        Forget(piece);
        Scheduler.PieceClosed(piece, Now);
    }

    public void Evict(int piece)
    {
        _available.Remove(piece);
        Scheduler.PieceGone(piece);
    }

    public void Hash(int piece, int blocks)
    {
        _hashed[piece] = blocks;
        Scheduler.Hashed(piece, blocks);
    }

    public List<Command> Run(Grant? grant = null)
    {
        var (urgent, ahead) = grant ?? Grant.Unlimited;
        _buffer.Clear();
        Wake = Scheduler.Run(new Grant(urgent, ahead), this, _buffer, Now);
        Commands.Clear();
        Commands.AddRange(_buffer.Span);
        long bytes = 0;
        foreach (var command in Commands)
        {
            Check(command, ref bytes);
        }

        Assert.That(bytes, Is.LessThanOrEqualTo(Math.Max(urgent, ahead)), "more was asked than granted");
        foreach (var (slot, peer) in _peers)
        {
            Assert.That(Scheduler.OutstandingOf(slot), Is.LessThanOrEqualTo(Math.Min(_limits.MaxOutstanding, peer.Traits.MaxRequests)));
        }

        return Commands;
    }

    public IEnumerable<BlockRef> Requests(PeerSlot? of = null)
    {
        return Blocks(CommandKind.Request, of);
    }

    public IEnumerable<BlockRef> Cancels(PeerSlot? of = null)
    {
        return Blocks(CommandKind.Cancel, of);
    }

    private IEnumerable<BlockRef> Blocks(CommandKind kind, PeerSlot? of)
    {
        return Commands
            .Where(command => command.Kind == kind && (of is null || command.Peer == of))
            .SelectMany(command => Enumerable.Range(command.First, command.Count).Select(block => new BlockRef(command.Piece, block)));
    }

    private void Check(in Command command, ref long bytes)
    {
        if (command.Kind == CommandKind.ClosePiece)
        {
            Assert.That(_opened, Does.Contain(command.Piece), "a piece is closed that is not open");
            Forget(command.Piece);
            return;
        }

        if (command.Kind == CommandKind.DropPeer)
        {
            Assert.That(_dropped.Add(command.Peer), "a peer is dropped twice");
        }

        Assert.That(_peers.TryGetValue(command.Peer, out var peer), "a command names a peer that is gone");
        for (int block = command.First; block < command.First + command.Count; block++)
        {
            var name = new BlockRef(command.Piece, block);
            if (command.Kind == CommandKind.Cancel)
            {
                Assert.That(peer!.Out, Does.Contain(name), "a block is cancelled that was not asked");
                peer.Cancelled.Add(name);
            }
            else if (command.Kind == CommandKind.Request)
            {
                CheckRequest(peer!, name);
                bytes += Layout.BlockLengthOf(command.Piece, block);
            }
        }
    }

    private void CheckRequest(Peer peer, BlockRef block)
    {
        if (peer.Cancelled.Remove(block))
        {
            peer.Out.Remove(block);
        }

        var owners = _peers.Values.Where(other => other.Out.Contains(block) && !other.Cancelled.Contains(block)).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(_opened, Does.Contain(block.Piece), "asked before its piece is open");
            Assert.That(_available, Does.Not.Contain(block.Piece));
            Assert.That(_filled, Does.Not.Contain(block), "asked although it is here");
            Assert.That(block.Block, Is.LessThan(Layout.BlockCountOf(block.Piece)));
            Assert.That(peer.Has, Does.Contain(block.Piece), "asked of a peer that lacks it");
            Assert.That(!peer.Choked || peer.Allowed.Contains(block.Piece), "asked of a peer that chokes us");
            Assert.That(owners, NUnit.Framework.Has.Count.LessThan(3), "asked of more than three");
            Assert.That(owners.Select(other => other.Traits.HostKey), Does.Not.Contain(peer.Traits.HostKey), "asked twice of one line");
            Assert.That(
                (block.Block - _hashed.GetValueOrDefault(block.Piece)) * (long)PieceLayout.BlockLength,
                Is.LessThan(_limits.MaxAheadOfFrontier),
                "too far ahead of the hash"
            );
        });
        peer.Out.Add(block);
    }

    private void Forget(int piece)
    {
        _opened.Remove(piece);
        _hashed.Remove(piece);
        _filled.RemoveWhere(block => block.Piece == piece);
    }

    private int FreeIndex()
    {
        return Enumerable.Range(0, 1000).First(index => _peers.Keys.All(slot => slot.Index != index));
    }

    private sealed record Peer(PeerTraits Traits)
    {
        public bool Choked { get; set; } = true;
        public HashSet<int> Has { get; } = [];
        public HashSet<int> Allowed { get; } = [];
        public List<BlockRef> Out { get; } = [];
        public HashSet<BlockRef> Cancelled { get; } = [];
    }
}
