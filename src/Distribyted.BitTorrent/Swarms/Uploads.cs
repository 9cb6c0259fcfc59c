using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>What peers get of us: who is unchoked, which requests are answered, what they are told that we have. Guarded by the swarm's lock.</summary>
internal sealed class Uploads
{
    private readonly SwarmState _state;
    private readonly PeerTable _peers;
    private readonly ReaderTable _readers;
    private readonly Choker _choker = new();
    private int _slots;

    public Uploads(SwarmState state, PeerTable peers, ReaderTable readers)
    {
        _state = state;
        _peers = peers;
        _readers = readers;
        _slots = UploadSlots.Count(state.Services.Options.UploadSlots, state.Services.Options.UploadRateLimit, 0);
    }

    /// <summary>Whether a peer may have pieces at all.</summary>
    public bool MayUploadTo(Peer peer)
    {
        return _state.Services.Options.Seed || _state.Torrent.IsShared || (_readers.Count > 0 && peer.Downloaded > 0);
    }

    /// <summary>INTERESTED came.</summary>
    public void PeerInterested(Peer peer, long now)
    {
        peer.IsInterested = true;
        _state.LastUsedAt = now;
        if (MayUploadTo(peer) && _choker.HasFreeSlot(_peers.All, _slots))
        {
            SetChoke(peer, false, now);
        }
    }

    /// <summary>NOT_INTERESTED came.</summary>
    public void PeerNotInterested(Peer peer, long now)
    {
        peer.IsInterested = false;
        SetChoke(peer, true, now);
    }

    /// <summary>REQUEST came.</summary>
    /// <exception cref="ProtocolException">The torrent has no such bytes.</exception>
    public void Requested(Peer peer, UploadRequest request, long now)
    {
        if (_state.Content is not { } content || !content.Layout.Contains(request.Piece, request.Offset, request.Length))
        {
            throw new ProtocolException(ProtocolError.Invalid, "The peer asks for bytes that the torrent does not have.");
        }

        _state.LastUsedAt = now;
        if (peer.AmChoking)
        {
            Reject(peer, request);
        }
        else if (request.Length > PieceLayout.BlockLength || !content.Pieces.IsStored(request.Piece) || !peer.Outbox.Enqueue(request))
        {
            CannotGive(peer, request, now);
        }
        else
        {
            _state.Lock.FlushLater(peer);
        }
    }

    /// <summary>CANCEL came.</summary>
    public void Cancelled(Peer peer, UploadRequest request)
    {
        if (peer.Outbox.Cancel(request))
        {
            Reject(peer, request);
        }
    }

    /// <summary>A request cannot be answered, because the piece is not here any more or there are too many. Without BEP 6 only a choke says so: it takes all
    /// requests back, and the next choke round may end it.</summary>
    public void CannotGive(Peer peer, UploadRequest request, long now)
    {
        if (peer.SpeaksFast)
        {
            Reject(peer, request);
        }
        else
        {
            SetChoke(peer, true, now);
        }
    }

    /// <summary>A piece is stored from now on.</summary>
    public void TellHave(int piece)
    {
        Span<byte> message = stackalloc byte[16];
        var length = PeerMessageWriter.WriteHave(message, piece);
        foreach (var peer in _peers.All)
        {
            _state.Lock.Post(peer, message[..length]);
        }
    }

    /// <summary>Once a second: chokes and unchokes when a round is due.</summary>
    public void Heartbeat(long now)
    {
        _state.Lock.AssertHeld();
        if (!_choker.IsDue(now))
        {
            return;
        }

        _slots = CountSlots();
        var onlyGive = _state.IsWhole || _readers.Count == 0;
        foreach (var (peer, unchoke) in _choker.Round(_peers.All, _slots, onlyGive, MayUploadTo, now))
        {
            SetChoke(peer, !unchoke, now);
        }
    }

    private int CountSlots()
    {
        var sent = 0L;
        foreach (var peer in _peers.All)
        {
            sent += peer.Uploaded - peer.AtLastRound.Uploaded;
        }

        var options = _state.Services.Options;
        return UploadSlots.Count(options.UploadSlots, options.UploadRateLimit, sent * MonotonicClock.Second / Choker.RoundLength);
    }

    private void SetChoke(Peer peer, bool isChoked, long now)
    {
        _state.Lock.AssertHeld();
        if (peer.AmChoking == isChoked)
        {
            return;
        }

        peer.AmChoking = isChoked;
        peer.UnchokedAt = now;
        Span<byte> message = stackalloc byte[8];
        _state.Lock.Post(peer, message[..(isChoked ? PeerMessageWriter.WriteChoke(message) : PeerMessageWriter.WriteUnchoke(message))]);
        if (isChoked)
        {
            foreach (var request in peer.Outbox.CancelAll())
            {
                Reject(peer, request); // BEP 6: a choke is followed by rejects
            }
        }
    }

    /// <summary>Tells a peer that speaks BEP 6 that a request will not be answered.</summary>
    private void Reject(Peer peer, UploadRequest request)
    {
        if (peer.SpeaksFast)
        {
            Span<byte> message = stackalloc byte[32];
            var length = PeerMessageWriter.WriteReject(message, request.Piece, request.Offset, request.Length);
            _state.Lock.Post(peer, message[..length]);
        }
    }
}
