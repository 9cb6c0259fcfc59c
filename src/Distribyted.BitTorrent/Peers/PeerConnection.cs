using System.Buffers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.BitTorrent.Transport;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.Peers;

/// <summary>One connected peer of one swarm: a receive loop that parses in place, and a sender that runs while there is something to send.</summary>
/// <remarks>
/// A receive batch takes the swarm's lock once: under it every message is processed, blocks are claimed, and the scheduler runs. Claimed
/// blocks are copied and hashed after the lock is released. The receive buffer is given back while the peer is idle.
/// </remarks>
internal sealed class PeerConnection : IDisposable
{
    private const int BufferLength = 128 * 1024;
    private const int MaxClaims = (BufferLength / PieceLayout.BlockLength) + 1;
    private const int LongestWait = PieceLayout.BlockLength + 13; // however long a message says it is, it is looked at once per block
    private const int BatchesPerTurn = 16; // then the pool's thread is given back: loops whose receives complete at once would own it

    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(5);

    private readonly Swarm _swarm;
    private readonly IPeerTransport _transport;
    private readonly CancellationTokenSource _closed = new();
    private readonly PeerOutbox _outbox = new();
    private readonly FilledBlock[] _filled = new FilledBlock[MaxClaims];
    private readonly UploadRequest[] _uploads = new UploadRequest[UploadBatch.Most];
    private readonly UploadTurn _turn;
    private int _filledCount;
    private int _needed = 1; // bytes of the message that has begun
    private int _begun; // bytes of it that are here
    private int _sending;
    private int _isClosed;
    private int _unreadBefore;
    private long _probedAt = -1;
    private int _flushArmed;
    private bool _sawPayload;

    public PeerConnection(Swarm swarm, IPeerTransport transport, Handshake handshake, bool isOutgoing, long rtt)
    {
        _swarm = swarm;
        _transport = transport;
        Id = handshake.PeerId;
        SpeaksFast = handshake.SupportsFast;
        SpeaksExtensions = handshake.SupportsExtensions;
        IsOutgoing = isOutgoing;
        Remote = transport.Remote;
        Client = PeerClient.Of(Remote);
        Listens = isOutgoing ? Remote : null;
        Rtt = rtt;
        _turn = new UploadTurn(swarm.Services.Upload);
        LastReceivedAt = LastSentAt = ConnectedAt = swarm.Clock.Now;
    }

    public PeerId Id { get; }

    public bool SpeaksFast { get; }

    public bool SpeaksExtensions { get; }

    public bool IsOutgoing { get; }

    /// <summary>The other end of the connection.</summary>
    public PeerEndPoint Remote { get; }

    /// <summary>What counts as one client in limits per address.</summary>
    public PeerEndPoint Client { get; }

    /// <summary>Where the peer can be dialled, once known.</summary>
    public PeerEndPoint? Listens { get; set; }

    /// <summary>Quickest round trip of dial and handshake, microseconds.</summary>
    public long Rtt { get; }

    public long ConnectedAt { get; }

    // Guarded by the swarm's lock.
    public PeerSlot Slot { get; set; }

    public bool AmChoking { get; set; } = true;

    public bool AmInterested { get; set; }

    public long AmInterestedSince { get; set; }

    /// <summary>When we, or it, last had a reason for interest.</summary>
    public long InterestShownAt { get; set; }

    public bool IsChoking { get; set; } = true;

    public bool IsInterested { get; set; }

    public bool IsSeed { get; set; }

    /// <summary>Being closed by us to make room: its place has another one already.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Being closed because it could not give what was wanted.</summary>
    public bool IsUseless { get; set; }

    /// <summary>Whether it has said what it has.</summary>
    public bool HasSaidHave { get; set; }

    public Bitfield? Have { get; set; }

    /// <summary>The last two pieces that it announced one by one after it had announced none at first; -1: none.</summary>
    public (int Last, int Before) Offers { get; set; } = (-1, -1);

    /// <summary>Has announced many pieces at once: it offers nothing piece by piece.</summary>
    public bool HasAnnouncedMany { get; set; }

    /// <summary>BITFIELD, HAVE and HAVE_ALL that came before the metadata, raw and bounded, to be processed later.</summary>
    public List<byte[]>? Unjudged { get; set; }

    public int UnjudgedBytes { get; set; }

    public ExtensionHandshake? Extensions { get; set; }

    public long UnchokedAt { get; set; }

    public long LastUnaskedAt { get; set; }

    public int Unasked { get; set; }

    /// <summary>When its end point was last dialled although it is connected: it was silent.</summary>
    public long DialledAgainAt { get; set; }

    public long LastReceivedAt { get; set; }

    public long LastSentAt { get; private set; }

    public long Downloaded { get; private set; }

    public long Uploaded { get; private set; }

    /// <summary>Payload counters at the last choke round.</summary>
    public (long Downloaded, long Uploaded) AtLastRound { get; set; }

    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Identity for blame and bans.</summary>
    public long Source => ((long)Slot.Generation << 32) | (uint)Slot.Index;

    /// <summary>Equal for peers behind one line; on loopback every end point is a line of its own.</summary>
    public ulong HostKey => PeerClient.KeyOf(Remote);

    /// <summary>Runs until the connection ends; <paramref name="received"/> are bytes that came behind the handshake.</summary>
    public async Task RunAsync(ReadOnlyMemory<byte> received)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        received.CopyTo(buffer);
        var have = received.Length;
        var reason = "closed by the peer";
        try
        {
            Flush();
            have = ProcessAndKeepRest(ref buffer, have);
            for (var batch = 1; ; batch++)
            {
                if (have == 0 && !_sawPayload)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = [];
                    _transport.Expect(1);
                    await _transport.ReceiveAsync(Memory<byte>.Empty, _closed.Token);
                    buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
                }

                var receive = _transport.ReceiveAsync(buffer.AsMemory(have), _closed.Token);
                if (!receive.IsCompleted)
                {
                    _transport.Expect(Math.Clamp(_needed - have, 1, LongestWait));
                }

                var count = await receive;
                if (count == 0)
                {
                    break;
                }

                have = ProcessAndKeepRest(ref buffer, have + count);
                if (batch % BatchesPerTurn == 0)
                {
                    await Task.Yield();
                }
            }
        }
        catch (ProtocolException e)
        {
            reason = e.Message;
            _swarm.Services.Log.PeerBrokeProtocol(Remote, e.Message);
        }
        catch (Exception e)
            when (e is IOException or System.Net.Sockets.SocketException or OperationCanceledException or ObjectDisposedException)
        {
            reason = e.Message;
        }
        catch (Exception e)
        {
            reason = e.Message;
            _swarm.Services.Log.PeerFailed(_swarm.InfoHash, Remote, e);
        }
        finally
        {
            if (buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            Dispose();
            _swarm.Left(this, reason);
        }
    }

    /// <summary>Queues a message; it goes out with the next <see cref="Flush"/>, which the swarm calls when it has released its lock.</summary>
    public void Post(ReadOnlySpan<byte> message)
    {
        _outbox.Append(message);
    }

    /// <summary>As <see cref="Post"/>, for the have-map at the start.</summary>
    public void PostIntroduction(ReadOnlySpan<byte> message)
    {
        _outbox.AppendIntroduction(message);
    }

    /// <summary>Queues a block for upload; false: more than it may ask for.</summary>
    public bool PostUpload(UploadRequest request)
    {
        return _outbox.Enqueue(request);
    }

    /// <summary>Queues a message that is made when it is sent; false: too many of them wait.</summary>
    public bool PostLater(Func<byte[]> message)
    {
        return _outbox.EnqueueLater(message);
    }

    public bool CancelUpload(UploadRequest request)
    {
        return _outbox.Cancel(request);
    }

    public List<UploadRequest> CancelUploads()
    {
        return _outbox.CancelAll();
    }

    /// <summary>Sends what is queued, unless another thread is sending. Never blocks; never called under the swarm's lock.</summary>
    public void Flush()
    {
        if (_outbox.IsOverfull)
        {
            Dispose();
        }
        else if (!_outbox.IsEmpty && Interlocked.CompareExchange(ref _sending, 1, 0) == 0)
        {
            Background.Forget("sender of a peer", _swarm.Services.Log, SendAsync());
        }
    }

    /// <summary>Closes the connection; its loop ends and tells the swarm. Safe to call from anywhere, more than once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _closed.Cancel();
            _transport.Dispose();
            _turn.GiveBack();
        }
    }

    /// <inheritdoc cref="IPeerTransport.AbortOnDispose"/>
    public void AbortOnDispose()
    {
        _transport.AbortOnDispose();
    }

    /// <summary>For the swarm, under its lock: from now on the connection ends when what is sent is not acknowledged within seconds.</summary>
    public void Probe(long now)
    {
        _probedAt = now;
        _transport.EndUnlessAcknowledgedWithin(ProbeTime);
    }

    /// <summary>For the swarm, under its lock, once a second. Sees bytes of a message that is not whole yet: a slow peer is not a silent one.</summary>
    /// <returns>Whether more bytes of an unfinished message are here than at the last look.</returns>
    public bool Look(long now)
    {
        if (_probedAt >= 0 && now - _probedAt > 2 * MonotonicClock.Second + (ProbeTime.Ticks / TimeSpan.TicksPerMicrosecond))
        {
            _probedAt = -1;
            _transport.EndUnlessAcknowledgedWithin(TimeSpan.Zero);
        }

        var unread = _transport.Unread + Volatile.Read(ref _begun);
        var hasMore = unread > 0 && unread != _unreadBefore;
        _unreadBefore = unread;
        LastReceivedAt = hasMore ? now : LastReceivedAt;
        return hasMore;
    }

    /// <summary>For the swarm, under its lock: this block's bytes are to be filled in when the lock is released.</summary>
    public void Claimed(OpenPiece piece, int block, ReadOnlySpan<byte> data, ReadOnlySpan<byte> buffer)
    {
        var start = (int)
            System.Runtime.CompilerServices.Unsafe.ByteOffset(
                ref System.Runtime.InteropServices.MemoryMarshal.GetReference(buffer),
                ref System.Runtime.InteropServices.MemoryMarshal.GetReference(data)
            );
        _filled[_filledCount++] = new FilledBlock(piece, block, start, data.Length);
        Downloaded += data.Length;
    }

    private int ProcessAndKeepRest(ref byte[] buffer, int have)
    {
        var consumed = 0;
        _sawPayload = false;
        while (true)
        {
            var rest = buffer.AsSpan(consumed, have - consumed);
            var took = Process(rest);
            consumed += took;
            if (took == 0 || consumed == have)
            {
                break;
            }
        }

        var left = have - consumed;
        Volatile.Write(ref _begun, left);
        _needed = 1;
        if (left > 0)
        {
            PeerMessageReader.TryRead(buffer.AsSpan(consumed, left), out _, out _, out _needed);
            if (_needed > buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(_needed);
                buffer.AsSpan(consumed, left).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
            else if (consumed > 0)
            {
                buffer.AsSpan(consumed, left).CopyTo(buffer);
            }
        }

        return left;
    }

    private int Process(ReadOnlySpan<byte> bytes)
    {
        _filledCount = 0;
        try
        {
            return ProcessMessages(bytes);
        }
        finally
        {
            FillClaimed(bytes); // also before a message that breaks the protocol: the scheduler counts on these blocks, and asks no other peer
        }
    }

    /// <summary>Takes the swarm's lock once: as many messages as there are claims for.</summary>
    private int ProcessMessages(ReadOnlySpan<byte> bytes)
    {
        using var section = _swarm.Enter();
        if (IsClosed)
        {
            return bytes.Length;
        }

        LastReceivedAt = section.Now;
        var consumed = 0;
        while (_filledCount < MaxClaims - 1 && PeerMessageReader.TryRead(bytes[consumed..], out var message, out var length))
        {
            consumed += length;
            _sawPayload |= message.Kind == PeerMessageKind.Piece;
            _swarm.Received(this, in message, bytes, section.Now);
        }

        return consumed;
    }

    private void FillClaimed(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < _filledCount; i++)
        {
            ref var block = ref _filled[i];
            var progress = block.Piece.Fill(block.Block, bytes.Slice(block.Start, block.Length), Source);
            _swarm.Filled(block.Piece, progress, this);
            block = default;
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var pending = _outbox.TakePending();
                if (!pending.IsEmpty)
                {
                    await _transport.SendAsync(pending, _closed.Token);
                    LastSentAt = _swarm.Clock.Now;
                    continue;
                }

                if (_outbox.TryTakeLater(out var message))
                {
                    await _transport.SendAsync(message(), _closed.Token);
                    LastSentAt = _swarm.Clock.Now;
                    continue;
                }

                if (_outbox.HasUploads && _turn.Wait() is var wait && wait == TimeSpan.Zero)
                {
                    await SendBlocksAsync(_outbox.TakeUploads(_uploads.AsSpan(0, _turn.Blocks)));
                    continue;
                }

                Volatile.Write(ref _sending, 0);
                if (_outbox.HasUploads)
                {
                    FlushAfter(_turn.Wait()); // what is not rate-limited goes on meanwhile
                    if (!_outbox.HasMessages || Interlocked.CompareExchange(ref _sending, 1, 0) != 0)
                    {
                        return;
                    }
                }
                else
                {
                    _turn.GiveBack(); // what was reserved for blocks that are not wanted any more
                    if (_outbox.IsEmpty || Interlocked.CompareExchange(ref _sending, 1, 0) != 0)
                    {
                        return;
                    }
                }
            }
        }
        catch (Exception e)
            when (e is IOException or System.Net.Sockets.SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Dispose(); // the receive loop tells the swarm
            _turn.GiveBack();
        }
        catch (Exception e)
        {
            _swarm.Services.Log.PeerFailed(_swarm.InfoHash, Remote, e);
            Dispose(); // else the peer would wait for ever for what it asked: nothing is sent any more
            _turn.GiveBack();
        }
    }

    /// <summary>One timer per connection: the sender ends while it waits for the rate limit, so that requests are not held up by uploads.</summary>
    private void FlushAfter(TimeSpan wait)
    {
        if (Interlocked.Exchange(ref _flushArmed, 1) == 0)
        {
            Background.Forget("sender of a peer", _swarm.Services.Log, FlushAfterAsync(wait));
        }
    }

    private async Task FlushAfterAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, _swarm.Clock.Time, _closed.Token);
            Volatile.Write(ref _flushArmed, 0);
            Flush();
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            _turn.GiveBack(); // closed
        }
    }

    private async ValueTask SendBlocksAsync(int count)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, count) * UploadRequest.MaxMessageLength);
        var payload = 0;
        try
        {
            var length = 0;
            for (var i = 0; i < count; i++)
            {
                var request = _uploads[i];
                if (await _swarm.ReadBlockAsync(request, buffer.AsMemory(length + 13, request.Length), _closed.Token))
                {
                    PeerMessageWriter.WritePieceHeader(buffer.AsSpan(length), request.Piece, request.Offset, request.Length);
                    length += request.MessageLength;
                    payload += request.Length;
                }
                else
                {
                    _swarm.CannotGive(this, request);
                }
            }

            if (length > 0)
            {
                await _transport.SendAsync(buffer.AsMemory(0, length), _closed.Token);
                LastSentAt = _swarm.Clock.Now;
                Uploaded += payload;
                _swarm.CountUpload(payload);
            }
        }
        finally
        {
            _turn.Used(payload);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private readonly record struct FilledBlock(OpenPiece Piece, int Block, int Start, int Length);
}
