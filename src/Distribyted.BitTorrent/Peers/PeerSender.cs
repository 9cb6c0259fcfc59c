using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Peers;

/// <summary>Sends what is in the outbox of one connection. It runs while there is something to send; <see cref="Start"/> may be called by any thread.</summary>
/// <param name="owner">The swarm: it has the blocks.</param>
/// <param name="services">Of the session.</param>
/// <param name="peer">Whose outbox.</param>
/// <param name="transport">Where it goes.</param>
/// <param name="closed">Cancelled when the connection is closed.</param>
internal sealed class PeerSender(IPeerOwner owner, PeerServices services, Peer peer, IPeerTransport transport, CancellationToken closed)
{
    private readonly PeerOutbox _outbox = peer.Outbox;
    private readonly UploadTurn _turn = new(services.Upload);
    private readonly UploadRequest[] _uploads = new UploadRequest[UploadBatch.Most];
    private int _isSending;
    private int _isStartArmed;

    /// <summary>Sends what is queued, unless it is being sent already. Never blocks.</summary>
    public void Start()
    {
        if (!_outbox.IsEmpty && TryBegin())
        {
            Background.Forget("sender of a peer", services.Log, SendAsync());
        }
    }

    /// <summary>The connection is closed: nothing is sent any more.</summary>
    public void Close()
    {
        _turn.GiveBack();
        _outbox.Close();
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                if (TryTakeMessages(out var messages))
                {
                    await transport.SendAsync(messages, closed);
                    peer.LastSentAt = services.Clock.Now;
                }
                else if (_outbox.HasUploads && _turn.Wait() == TimeSpan.Zero)
                {
                    await SendBlocksAsync(_outbox.TakeUploads(_uploads.AsSpan(0, _turn.Blocks)));
                }
                else if (TryEnd())
                {
                    return;
                }
            }
        }
        catch (Exception e)
        {
            if (!PeerConnection.IsEnd(e))
            {
                services.Log.PeerFailed(owner.InfoHash, peer.Remote, e);
            }

            peer.Connection.Dispose(); // the receive loop tells the swarm; left open, the peer would wait for ever for what it asked
            _outbox.ReturnTaken();
            _turn.GiveBack();
        }
    }

    /// <summary>Small messages first, then those that are made when it is their turn.</summary>
    private bool TryTakeMessages(out ReadOnlyMemory<byte> messages)
    {
        messages = _outbox.TakePending();
        if (messages.IsEmpty && _outbox.TryTakeLater(out var make))
        {
            messages = make();
        }

        return !messages.IsEmpty;
    }

    /// <summary>Ends the sending; false: there is more to send by now, and this sender goes on.</summary>
    private bool TryEnd()
    {
        Volatile.Write(ref _isSending, 0);
        bool hasMore;
        if (_outbox.HasUploads)
        {
            StartAfter(_turn.Wait()); // what is not rate-limited goes on meanwhile
            hasMore = _outbox.HasMessages;
        }
        else
        {
            _turn.GiveBack(); // what was reserved for blocks that are not wanted any more
            hasMore = !_outbox.IsEmpty;
        }

        return !hasMore || !TryBegin();
    }

    private bool TryBegin()
    {
        return Interlocked.CompareExchange(ref _isSending, 1, 0) == 0;
    }

    /// <summary>One timer per connection: the sender ends while it waits for the rate limit, so that requests are not held up by uploads.</summary>
    private void StartAfter(TimeSpan wait)
    {
        if (Interlocked.Exchange(ref _isStartArmed, 1) == 0)
        {
            Background.Forget("sender of a peer", services.Log, StartAfterAsync(wait));
        }
    }

    private async Task StartAfterAsync(TimeSpan wait)
    {
        try
        {
            // Rounded up to whole milliseconds: a delay drops the fraction, and one of zero ends at once, so that this would call itself until the wait is over.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), services.Clock.Time, closed);
            Volatile.Write(ref _isStartArmed, 0);
            peer.Connection.Flush();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            _turn.GiveBack(); // closed
        }
    }

    private async ValueTask SendBlocksAsync(int count)
    {
        var buffer = LargeBuffers.Rent(Math.Max(1, count) * UploadRequest.MaxMessageLength);
        var payload = 0;
        try
        {
            var length = 0;
            for (var i = 0; i < count; i++)
            {
                var request = _uploads[i];
                var block = buffer.AsMemory(length + PeerMessageWriter.PieceHeaderLength, request.Length);
                if (await owner.ReadBlockAsync(request, block, closed))
                {
                    PeerMessageWriter.WritePieceHeader(buffer.AsSpan(length), request.Piece, request.Offset, request.Length);
                    length += request.MessageLength;
                    payload += request.Length;
                }
                else
                {
                    owner.CannotGive(peer, request);
                }
            }

            if (length > 0)
            {
                await transport.SendAsync(buffer.AsMemory(0, length), closed);
                peer.LastSentAt = services.Clock.Now;
                peer.Uploaded += payload;
                owner.CountUpload(payload);
            }
        }
        finally
        {
            _turn.Used(payload);
            LargeBuffers.Return(buffer);
        }
    }
}
