using System.Net;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Storage.Pieces;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>An active torrent: its peers, its readers, and the scheduler between them. Safe for use by many threads.</summary>
/// <remarks>This class makes the parts, takes the lock for connections, extensions and the session, and passes their calls on. Each part says what it does;
/// <see cref="Readers"/> and <see cref="Status"/> take the lock themselves.</remarks>
internal sealed class Swarm : IExtensionSwarm, IPeerOwner, IAsyncDisposable
{
    private const long WaitsTooLong = 5 * MonotonicClock.Second;

    private readonly CancellationTokenSource _ending = new();
    private readonly SwarmLock _lock;
    private readonly SwarmState _state;
    private readonly PeerTable _peers;
    private readonly ConnectionChecks _checks;
    private readonly PeerCandidates _candidates = new();
    private readonly ReaderTable _readers;
    private readonly SwarmDemand _demand;
    private readonly PeerSupply _supply;
    private readonly PeerInterest _interest;
    private readonly Uploads _uploads;
    private readonly PeerExtensions _extensions;
    private readonly PeerPlaces _places;
    private readonly PeerDials _dials;
    private readonly OpenPieces _pieces;
    private readonly PieceEvents _events;
    private readonly SchedulerRuns _runs;
    private readonly TakenOffers _offers;
    private readonly PeerProtocol _protocol;
    private readonly PeerAdmission _admission;
    private readonly BestPeers _best;

    public Swarm(ISwarmOwner torrent, SwarmServices services)
    {
        Ending = _ending.Token;
        Share = new SwarmShare(GiveUpPlaces, SlotIsFree, services.Log) { Urgency = SwarmUrgency.Pending };
        _lock = new SwarmLock(services.Clock, now => _runs!.Run(now));
        _state = new SwarmState(torrent, services, _lock);
        _peers = new PeerTable(_lock);
        _checks = new ConnectionChecks(_state, _peers);
        _readers = new ReaderTable(_state);
        _demand = new SwarmDemand(_state, _readers, Share);
        _supply = new PeerSupply(_state, _peers, _readers);
        _interest = new PeerInterest(_state, _peers);
        _uploads = new Uploads(_state, _peers, _readers);
        _extensions = new PeerExtensions(this, services.Extensions);
        var uses = new PeerUses(_state, _peers, _readers, _demand, _uploads, _extensions.Metadata);
        _places = new PeerPlaces(_state, Share, _peers, _demand, uses);
        _dials = new PeerDials(this, _state, _peers, _candidates, _supply, _places, _ending.Token);
        _pieces = new OpenPieces(_state, _readers, new PeerBlame(_state, _peers, _candidates));
        _events = new PieceEvents(_state, _uploads, _extensions, _pieces);
        _runs = new SchedulerRuns(_state, _peers, _readers, _interest, _pieces, _events);
        _offers = new TakenOffers(_state, _peers, _readers, _supply);
        _protocol = new PeerProtocol(_state, _pieces, _uploads, _offers, _dials, _extensions);
        _admission = new PeerAdmission(_state, Share, _peers, _candidates, _places, _interest, _protocol, _dials, _extensions);
        _best = new BestPeers(_state, _peers, _candidates);
        Readers = new SwarmReaders(_state, _readers, new NextFileGuesses(_state), _demand, _interest, _peers, _dials);
        Reports = new ReaderReports(_state, _peers, _readers, _pieces, _candidates, Share);
        Status = new SwarmStatus(_state, _peers, _readers, _demand, _pieces, _best, _extensions.Metadata);
    }

    public InfoHash InfoHash => _state.InfoHash;

    /// <summary>What it has of the session's connections and dials.</summary>
    public SwarmShare Share { get; }

    bool IPeerOwner.UsesDht => _state.UsesDht;

    /// <summary>What readers ask of it.</summary>
    public SwarmReaders Readers { get; }

    /// <summary>What its readers wait for.</summary>
    public ReaderReports Reports { get; }

    /// <summary>How it is doing.</summary>
    public SwarmStatus Status { get; }

    /// <summary>Whether it looks for peers. Until a reader comes, a torrent that a peer's handshake activated only serves: it dials no peer and asks no tracker.</summary>
    public bool IsLooking => _state.IsLooking;

    /// <summary>Cancelled when it is closed.</summary>
    public CancellationToken Ending { get; }

    /// <summary>Whether the metadata is known, and with it the pieces.</summary>
    public bool HasMetadata => _state.Content is not null;

    /// <summary>The metadata; null while it is not known.</summary>
    public TorrentInfo? Info => _state.Content?.Info;

    bool IExtensionSwarm.MayExchangePeers =>
        PeerOrigin.PeerExchange.IsAllowed(isPrivate: _state.Content?.Info.IsPrivate == true) && !_state.Services.Options.DisablePex;

    IReadOnlyList<Peer> IExtensionSwarm.Peers => _peers.All;

    /// <summary>From now on it looks for peers; false: it does already.</summary>
    public bool TryStartLooking()
    {
        if (!_state.TryStartLooking())
        {
            return false;
        }

        using var section = _lock.Enter();
        if (HasMetadata && !_state.Torrent.IsShared)
        {
            _demand.ExpectReader(section.Now);
        }

        _demand.Update(section.Now);
        return true;
    }

    /// <summary>Gives the torrent its metadata: from now on there are pieces. Does nothing when it is known, or the swarm was closed.</summary>
    /// <param name="info">The metadata.</param>
    /// <param name="attach">Opens the pieces, which tell what happens to them.</param>
    public void UseMetadata(TorrentInfo info, Func<IPieceEvents, ITorrentPieces> attach)
    {
        using var section = _lock.Enter();
        if (HasMetadata || _state.HasEnded)
        {
            return;
        }

        _state.Content = SwarmContent.Of(info, attach(_events), _state.Services.SchedulerLimits(), _state.Services.NewTrace());
        foreach (var peer in _peers.All)
        {
            _protocol.JoinScheduler(peer, section.Now);
        }

        _demand.Update(section.Now);
        _lock.NeedsRun = true;
    }

    /// <summary>Hashes every stored piece again, and drops those that are wrong: they are fetched again when a reader wants them.</summary>
    /// <param name="progress">Is told after each piece how many were hashed.</param>
    /// <returns>How many were dropped.</returns>
    public async Task<int> RecheckAsync(Action<int> progress)
    {
        if (_state.Content is not { } content)
        {
            return 0;
        }

        content.Pieces.Doubt();
        var (one, before, done) = (new byte[1], content.Pieces.StoredCount, 0);
        for (var piece = 0; piece < content.Layout.PieceCount; piece++)
        {
            if (content.Pieces.IsStored(piece))
            {
                await content.Pieces.ReadAsync(piece, 0, one, Ending); // the first byte of a piece is given after all of it was hashed
                progress(++done);
            }
        }

        return Math.Max(0, before - content.Pieces.StoredCount);
    }

    /// <summary>Peers became known; they are dialled when they are needed.</summary>
    public void AddPeers(IReadOnlyList<PeerEndPoint> peers, PeerOrigin origin)
    {
        using var section = _lock.Enter();
        _dials.Add(peers, origin, namedBy: null, section.Now);
    }

    /// <summary>Dials some peers although the torrent does not look for any: they may want what is here.</summary>
    public void OfferTo(IReadOnlyList<PeerEndPoint> peers)
    {
        using var section = _lock.Enter();
        _dials.Offer(peers, section.Now);
    }

    /// <summary>This machine is back: it slept, the process was stopped, or it has other addresses. Dead connections are found within seconds, and
    /// whom we could not reach is dialled again.</summary>
    public void WorldReturned()
    {
        using var section = _lock.Enter();
        _candidates.ForgiveAll(section.Now);
        _checks.Probe(section.Now);
        _dials.Dial(section.Now);
    }

    /// <summary>Called once a second: all periodic work.</summary>
    public void Heartbeat()
    {
        using var section = _lock.Enter();
        if (_state.HasEnded)
        {
            return;
        }

        var now = section.Now;
        _checks.Heartbeat(now);
        foreach (var peer in _peers.All)
        {
            peer.Rates.Measure(peer.Downloaded, peer.Uploaded, peer.ConnectedAt, now);
        }

        _readers.Check(_peers.Count, now);
        _offers.Update(now);
        _interest.Expire(now);
        _demand.Update(now);
        _places.Shrink(now);
        _uploads.Heartbeat(now);
        _extensions.Heartbeat(now);
        _dials.Dial(now);
        _best.Heartbeat(now);
        if (_supply.LacksOwner(WaitsTooLong, now))
        {
            _dials.DialSilentAgain(now);
            _state.Torrent.PeersWanted();
        }
    }

    /// <summary>Closes it: peers, readers and the timer.</summary>
    public ValueTask DisposeAsync()
    {
        return CloseAsync(TorrentFailure.Closing);
    }

    /// <summary>As <see cref="DisposeAsync"/>; readers are told why.</summary>
    /// <param name="why"><see cref="TorrentFailure.Removed"/> or <see cref="TorrentFailure.Closing"/>.</param>
    public async ValueTask CloseAsync(TorrentFailure why)
    {
        using (_lock.Enter())
        {
            if (_state.HasEnded)
            {
                return;
            }

            _state.EndedBy = why;
            _peers.All.ForEach(_lock.CloseLater);
            _readers.FailAll(TorrentException.Ended(InfoHash, why));
            _pieces.CloseAll();
        }

        _state.Services.Peers.Dials.Forget(Share);
        _runs.End();
        _state.Content?.Pieces.Dispose();
        await _ending.CancelAsync();
    }

    /// <inheritdoc/>
    public DialOutcome Join(Peer peer)
    {
        using var section = _lock.Enter();
        return _admission.Join(peer, section.Now);
    }

    void IPeerOwner.Left(Peer peer, string reason)
    {
        using var section = _lock.Enter();
        _admission.Leave(peer, reason, section.Now);
    }

    void IPeerOwner.IsReached(PeerEndPoint peer)
    {
        using var section = _lock.Enter();
        _dials.IsReached(peer, section.Now);
    }

    void IPeerOwner.DialEnded(PeerEndPoint peer, DialOutcome outcome)
    {
        using var section = _lock.Enter();
        if (outcome == DialOutcome.Failed && !_state.HasEnded)
        {
            _extensions.DialFailed(peer, section.Now);
        }

        _dials.Ended(peer, outcome, section.Now);
    }

    int IPeerOwner.Received(Peer peer, ReadOnlySpan<byte> bytes, BlockClaims claims)
    {
        try
        {
            using var section = _lock.Enter();
            return _protocol.Process(peer, bytes, claims, section.Now);
        }
        finally
        {
            _pieces.Fill(peer, bytes, claims); // also before a message that breaks the protocol
        }
    }

    void IPeerOwner.ReceivedBlocks(Peer peer, ReadOnlySpan<BlockRef> blocks, ReadOnlySpan<byte> bytes, BlockClaims claims)
    {
        try
        {
            using var section = _lock.Enter();
            _protocol.Process(peer, blocks, bytes, claims, section.Now);
        }
        finally
        {
            _pieces.Fill(peer, bytes, claims);
        }
    }

    ValueTask<bool> IPeerOwner.ReadBlockAsync(UploadRequest request, Memory<byte> destination, CancellationToken cancellationToken)
    {
        return _state.Content!.ReadBlockAsync(request, destination, cancellationToken);
    }

    void IPeerOwner.CannotGive(Peer peer, UploadRequest request)
    {
        using var section = _lock.Enter();
        _uploads.CannotGive(peer, request, section.Now);
    }

    void IPeerOwner.CountUpload(long bytes)
    {
        _state.Torrent.CountUpload(bytes);
    }

    void IExtensionSwarm.Send(Peer peer, ReadOnlySpan<byte> message)
    {
        _lock.Post(peer, message);
    }

    bool IExtensionSwarm.TrySendLater(Peer peer, Func<byte[]> message)
    {
        var isQueued = peer.Outbox.EnqueueLater(message);
        if (isQueued)
        {
            _lock.FlushLater(peer);
        }

        return isQueued;
    }

    void IExtensionSwarm.AddPeers(IReadOnlyList<PeerEndPoint> peers, IPAddress namedBy)
    {
        _dials.Add(peers, PeerOrigin.PeerExchange, namedBy, _state.Clock.Now);
    }

    void IExtensionSwarm.PrefersEncryption(PeerEndPoint peer)
    {
        _state.Services.Peers.Encryption.IsSaidToPrefer(peer);
    }

    bool IExtensionSwarm.MayPunch => !_state.Services.Peers.Transport.DisableUtp;

    bool IExtensionSwarm.IsDialling(PeerEndPoint peer)
    {
        return _dials.IsUnderWay(peer);
    }

    void IExtensionSwarm.Punch(PeerEndPoint peer, IPAddress namedBy)
    {
        _dials.Punch(peer, namedBy, _state.Clock.Now);
    }

    void IExtensionSwarm.PeerLostPiece(Peer peer, int piece)
    {
        _protocol.LostPiece(peer, piece);
    }

    void IExtensionSwarm.MetadataReceived(byte[] info)
    {
        _state.Torrent.MetadataReceived(info);
    }

    /// <summary>For other torrents, which need connections more.</summary>
    private void GiveUpPlaces()
    {
        using var section = _lock.Enter();
        _places.GiveUp(section.Now);
    }

    /// <summary>For the dial slots: one is free.</summary>
    private void SlotIsFree()
    {
        using (var section = _lock.Enter())
        {
            _dials.Dial(section.Now);
        }

        _state.Services.Peers.Dials.ReturnUnused(Share);
    }
}
