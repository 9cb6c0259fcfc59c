using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;

namespace Distribyted.Simulation;

/// <summary>What the daemon's swarm does around the scheduler, without sockets: the same class decides here and there.</summary>
internal sealed class SimSwarm : IPieceAdmission
{
    private readonly VirtualTime _time;
    private readonly PieceScheduler _scheduler;
    private readonly CommandBuffer _commands = new();
    private readonly List<SimPeer> _peers = [];
    private readonly HashSet<int> _here = [];
    private readonly Dictionary<int, Dictionary<int, int>> _sources = []; // piece -> block -> peer
    private readonly List<SimReader> _readers = [];
    private readonly ReaderHistory _history = new();
    private readonly Random _random;
    private readonly bool[] _lied;
    private long _wakeAt = long.MaxValue;
    private long _memory;
    private long _nextReader;

    public SimSwarm(VirtualTime time, PieceLayout layout, IEnumerable<PeerProfile> profiles, Random random, double downRate = 300e6 / 8)
    {
        _time = time;
        Layout = layout;
        Down = new SimLink(downRate, 150_000);
        _scheduler = new PieceScheduler(layout, new SchedulerLimits(16 << 20));
        _random = random;
        foreach (var profile in profiles)
        {
            var uploads = profile.Crowd is { } crowd ? new SimUploads(crowd, profile.Rate, time, random) : null;
            var peer = new SimPeer(_peers.Count, 1, profile, uploads, this, time, random);
            _peers.Add(peer);
            if (uploads is not null)
            {
                uploads.PresenceChanged = present => ComeOrGo(peer.Index, present);
            }

            Join(peer);
        }

        _lied = new bool[_peers.Count];
        EverySecond();
    }

    public PieceLayout Layout { get; }
    public SimLink Down { get; }
    public ReaderHistory History => _history;
    public int Banned { get; private set; }

    /// <summary>Microseconds between two dials of a seeder that went away.</summary>
    public long RedialEvery { get; set; } = 1_000_000;

    /// <summary>Payload bytes that came, useful or not.</summary>
    public long BytesReceived { get; private set; }

    public long BytesVerified { get; private set; }

    /// <summary>Bytes of blocks that were wanted when they came.</summary>
    public long BytesUseful { get; private set; }

    public bool TryOpen(int piece, bool urgent)
    {
        var length = Layout.LengthOf(piece);
        if (_memory + length > (urgent ? 128L << 20 : 96L << 20))
        {
            return false;
        }

        _memory += length;
        return true;
    }

    public bool IsHere(int piece)
    {
        return _here.Contains(piece);
    }

    public int LengthOf(BlockRef block)
    {
        return Layout.BlockLengthOf(block.Piece, block.Block);
    }

    /// <summary>Reads: one request of a client.</summary>
    public SimReader Open(long position, long? length, long fileEnd, double rate = 600e6)
    {
        var reader = new SimReader(new ReaderId(++_nextReader), this, _time, position, length, fileEnd, rate);
        _readers.Add(reader);
        reader.Begin();
        return reader;
    }

    public WindowLimits LimitsFor(long fileEnd)
    {
        return new WindowLimits(64L << 20, (2048L << 20) / (2 * Math.Max(1, _readers.Count)), fileEnd, Layout.TotalLength);
    }

    public void Set(SimReader reader, in ReaderState state)
    {
        _scheduler.ReaderSet(reader.Id, state, _time.Now);
    }

    public void Close(SimReader reader)
    {
        _readers.Remove(reader);
        if (_history.Closed(reader.Window, LimitsFor(reader.FileEnd), _time.Now, out var state))
        {
            _scheduler.ReaderLingers(reader.Id, state, _time.Now + ReaderHistory.Lingers);
        }
        else
        {
            _scheduler.ReaderGone(reader.Id, _time.Now);
        }

        Run();
    }

    public void Received(SimPeer peer, BlockRef block)
    {
        Span<Claim> verdict = stackalloc Claim[1];
        _scheduler.Received(SlotOf(peer), [block], verdict, _time.Now);
        BytesReceived += LengthOf(block);
        if (verdict[0] != Claim.New)
        {
            return;
        }

        BytesUseful += LengthOf(block);
        if (!_sources.TryGetValue(block.Piece, out var sources))
        {
            _sources.Add(block.Piece, sources = []);
        }

        sources[block.Block] = peer.Index;
        if (sources.Count == Layout.BlockCountOf(block.Piece))
        {
            _time.After(500, () => Whole(block.Piece)); // hashing the rest, and the hop to the reader
        }
    }

    public void Rejected(SimPeer peer, BlockRef block)
    {
        _scheduler.Rejected(SlotOf(peer), block, _time.Now);
        Run();
    }

    public void Choked(SimPeer peer)
    {
        _scheduler.Choked(SlotOf(peer), _time.Now);
        Run();
    }

    public void Unchoked(SimPeer peer)
    {
        _scheduler.Unchoked(SlotOf(peer), _time.Now);
        Run();
    }

    public void Run()
    {
        _commands.Clear();
        var wake = _scheduler.Run(Grant.Unlimited, this, _commands, _time.Now);
        foreach (ref readonly var command in _commands.Span)
        {
            Carry(command);
        }

        if (wake < _wakeAt || _wakeAt <= _time.Now)
        {
            _wakeAt = wake;
            if (wake != long.MaxValue)
            {
                _time.At(Math.Max(wake, _time.Now + 1), () => Wake(wake));
            }
        }
    }

    private void Wake(long planned)
    {
        if (planned == _wakeAt)
        {
            _wakeAt = long.MaxValue;
            Run();
        }
    }

    /// <summary>As the swarm's own look at its readers.</summary>
    private void EverySecond()
    {
        foreach (var reader in _readers)
        {
            if (reader.Window.Rest(LimitsFor(reader.FileEnd), Layout.PieceLength, _time.Now))
            {
                Set(reader, reader.Window.State(LimitsFor(reader.FileEnd)));
                Run();
            }
        }

        _time.After(1_000_000, EverySecond);
    }

    private void Join(SimPeer peer)
    {
        var slot = SlotOf(peer);
        var profile = peer.Profile;
        _scheduler.PeerJoined(
            slot,
            new PeerTraits((ulong)peer.Index + 1, profile.MaxRequests, (2 * profile.Delay) + 4000, profile.Fast),
            _time.Now
        );
        _scheduler.PeerHasAll(slot);
        if (peer.Uploads is null)
        {
            _scheduler.Unchoked(slot, _time.Now);
        }

        peer.Start();
    }

    /// <summary>A seeder goes away, or is back: it is dialled once a second, as the swarm does while something is missing.</summary>
    private void ComeOrGo(int index, bool present)
    {
        var before = _peers[index];
        if (!present)
        {
            Leave(before);
            return;
        }

        var dialled = _random.NextInt64(RedialEvery) + (3 * before.Profile.Delay) + 6000; // the dial and the handshake
        _time.After(
            dialled,
            () =>
            {
                if (before.Uploads!.IsAway || !before.Gone || _peers[index] != before)
                {
                    return;
                }

                var peer = new SimPeer(index, before.Generation + 1, before.Profile, before.Uploads, this, _time, _random);
                _peers[index] = peer;
                Join(peer);
                Run();
            }
        );
    }

    private void Carry(in Command command)
    {
        if (command.Kind == CommandKind.ClosePiece)
        {
            _memory -= Layout.LengthOf(command.Piece);
            _sources.Remove(command.Piece);
            return;
        }

        var peer = command.Peer.Index >= 0 ? _peers[command.Peer.Index] : null;
        if (command.Kind is CommandKind.Interested or CommandKind.NotInterested)
        {
            var interested = command.Kind == CommandKind.Interested;
            if (peer!.Uploads is not null)
            {
                peer.Hear(() => peer.Interested(interested));
            }

            return;
        }

        if (command.Kind == CommandKind.DropPeer)
        {
            Leave(peer!);
            if (peer!.Uploads is not null)
            {
                _time.After(60_000_000, () => ComeOrGo(peer.Index, true)); // a peer that was of no use is dialled again after a minute
            }

            return;
        }

        for (int i = command.First; peer is not null && i < command.First + command.Count; i++)
        {
            var block = new BlockRef(command.Piece, i);
            peer.Hear(command.Kind == CommandKind.Request ? () => peer.Requested(block) : () => peer.Cancelled(block));
        }
    }

    private void Whole(int piece)
    {
        if (!_sources.Remove(piece, out var sources))
        {
            return;
        }

        var suspects = sources.Values.Distinct().ToList();
        if (suspects.Any(peer => _peers[peer].Profile.Lies))
        {
            _scheduler.PieceFailed(piece, _time.Now);
            if (suspects.Count == 1)
            {
                Ban(_peers[suspects[0]]);
            }

            foreach (var peer in suspects)
            {
                _lied[peer] = _peers[peer].Profile.Lies;
            }
        }
        else
        {
            _memory -= Layout.LengthOf(piece);
            _here.Add(piece);
            BytesVerified += Layout.LengthOf(piece);
            _scheduler.PieceAvailable(piece);
            for (var i = 0; i < _peers.Count; i++)
            {
                if (_lied[i] && !_peers[i].Gone)
                {
                    Ban(_peers[i]); // the true blocks differ from what it sent: smart ban
                }
            }

            foreach (var reader in _readers.ToArray())
            {
                reader.PieceCame();
            }
        }

        Run();
    }

    private void Ban(SimPeer peer)
    {
        Banned++;
        Leave(peer);
    }

    private void Leave(SimPeer peer)
    {
        peer.End();
        _time.After(
            0,
            () =>
            {
                _scheduler.PeerLeft(SlotOf(peer), _time.Now);
                Run();
            }
        );
    }

    private static PeerSlot SlotOf(SimPeer peer)
    {
        return new PeerSlot(peer.Index, peer.Generation);
    }
}
