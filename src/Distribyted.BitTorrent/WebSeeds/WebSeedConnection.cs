// Longer than most: requests come in, ranges go out and blocks come back under one lock, and what fails must free all three.
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery.Http;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Telemetry;
using Distribyted.Platform;

namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>A web seed as a peer of a swarm (BEP 19): it has everything, never chokes, and answers requests with what a web server sends. Safe for use by
/// many threads.</summary>
/// <remarks>
/// The swarm asks it block by block, as it asks every peer, and cancels the same way. Blocks that follow each other are read from one answer of the server,
/// also those that are asked while it is being read: a range is requested up to where they are expected, and what was not asked stays unread. Up to four
/// ranges are under way at once, so that the line is busy while the next answer has not begun. A range of which nothing is wanted any more is given up.
/// Whatever goes wrong ends the connection, so that the scheduler asks others at once; only a file that is missing is left out.
/// </remarks>
internal sealed class WebSeedConnection : IPeerConnection
{
    /// <summary>Most ranges under way, each with an HTTP connection of its own.</summary>
    public const int MostRanges = 4;

    private const long AssumedRtt = 100 * MonotonicClock.Millisecond; // nothing was dialled; the scheduler measures its own
    private const ulong FastBit = 0x04; // BEP 6: what is cancelled is rejected
    private const int BufferLength = 16 * PieceLayout.BlockLength;
    private const int MostMissing = 3; // files, before any was there: then the address is wrong
    private static readonly TimeSpan BlockTime = TimeSpan.FromSeconds(15); // for the first byte to the last of each block
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(1); // that an answer stays open of which nothing more was asked

    private readonly IPeerOwner _owner;
    private readonly PeerServices _services;
    private readonly TorrentInfo _info;
    private readonly WebSeedFiles _files;
    private readonly TaskCompletionSource<WebSeedEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new(); // may be taken inside the swarm's lock, which is never taken inside it

    // Guarded by _lock.
    private readonly WebSeedQueue _queue;
    private readonly Dictionary<WebSeedRange, CancellationTokenSource> _running = [];
    private readonly HashSet<int> _missing = []; // files
    private int _workers;

    private long _received; // bytes of content
    private long _receivedBefore; // guarded by the swarm's lock
    private int _isClosed;

    /// <param name="owner">The swarm.</param>
    /// <param name="services">Of the session.</param>
    /// <param name="info">The torrent.</param>
    /// <param name="files">Where its files are.</param>
    /// <param name="remote">The address of the server, for limits and bans.</param>
    public WebSeedConnection(IPeerOwner owner, PeerServices services, TorrentInfo info, WebSeedFiles files, PeerEndPoint remote)
    {
        _owner = owner;
        _services = services;
        _info = info;
        _files = files;
        _queue = new WebSeedQueue(info.Layout);
        var handshake = new Handshake(info.InfoHash, PeerId.CreateRandom(), FastBit);
        Peer = new Peer(this, handshake, remote, isOutgoing: false, AssumedRtt, services.Clock.Now) { IsServer = true };
    }

    public Peer Peer { get; }

    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Bytes of content that came.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Gives content until something ends it, after it has joined its swarm.</summary>
    /// <returns>What ended it.</returns>
    public async Task<WebSeedEnd> RunAsync()
    {
        SayHave();
        var end = await _ended.Task;
        Dispose();
        _owner.Left(Peer, end.Reason);
        return end;
    }

    /// <summary>Takes the requests out of the peer's outbox.</summary>
    public void Flush()
    {
        List<BlockRef> rejected = [];
        List<CancellationTokenSource> given = [];
        lock (_lock)
        {
            Peer.LastSentAt = _services.Clock.Now;
            var messages = Peer.Outbox.TakePending().Span;
            while (!IsClosed && PeerMessageReader.TryRead(messages, out var message, out var length))
            {
                messages = messages[length..];
                var block = new BlockRef(message.Piece, message.Offset / PieceLayout.BlockLength);
                if (message.Kind == PeerMessageKind.Request)
                {
                    Add(block);
                }
                else if (message.Kind == PeerMessageKind.Cancel)
                {
                    Cancel(block, rejected, given);
                }
            }

            Peer.Outbox.ReturnTaken();
            StartWorker();
        }

        given.ForEach(GiveUp);
        if (rejected.Count > 0)
        {
            Background.Queue("rejects of a web seed", _services.Log, () => Reject(rejected)); // this may be a call of the swarm
        }
    }

    /// <inheritdoc/>
    public void AbortOnDispose()
    {
        // Closing an HTTP connection says enough.
    }

    /// <summary>Its connections may be dead: it leaves, and comes back with new ones.</summary>
    public void Probe(long now)
    {
        Background.Queue("end of a web seed", _services.Log, () => End(new WebSeedEnd("its connections are opened anew")));
    }

    /// <inheritdoc/>
    public bool Look(long now)
    {
        var received = Received;
        var hasMore = received != _receivedBefore;
        _receivedBefore = received;
        lock (_lock)
        {
            // Nothing was asked, so that nothing comes: that is no silence.
            Peer.LastReceivedAt = hasMore || _workers == 0 ? now : Peer.LastReceivedAt;
        }

        return hasMore;
    }

    /// <summary>Ends it. Never called under the swarm's lock.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        CancellationTokenSource[] running;
        lock (_lock)
        {
            running = [.. _running.Values];
        }

        Array.ForEach(running, GiveUp);
        Peer.Outbox.Close();
        _ended.TrySetResult(new WebSeedEnd("closed"));
    }

    /// <summary>Ends a range. What waits for it goes on elsewhere: the caller may be inside the swarm's lock.</summary>
    private void GiveUp(CancellationTokenSource range)
    {
        Background.Queue(
            "end of a range of a web seed",
            _services.Log,
            () =>
            {
                try
                {
                    range.Cancel();
                }
                catch (ObjectDisposedException)
                {
                    // It has ended by itself.
                }
            }
        );
    }

    private void End(WebSeedEnd end)
    {
        _ended.TrySetResult(end);
        Dispose();
    }

    private void Add(BlockRef block)
    {
        foreach (var (range, _) in _running)
        {
            if (range.TryRevive(block) || _queue.TryAdd(range, block))
            {
                return;
            }
        }

        _queue.Add(block);
    }

    private void Cancel(BlockRef block, List<BlockRef> rejected, List<CancellationTokenSource> given)
    {
        if (_queue.Remove(block))
        {
            rejected.Add(block);
            return;
        }

        foreach (var (range, source) in _running)
        {
            if (range.Cancel(block))
            {
                rejected.AddRange(range.Close());
                given.Add(source);
            }
        }
    }

    private void StartWorker()
    {
        if (_queue.Count == 0 || IsClosed)
        {
            return;
        }

        if (_workers < MostRanges)
        {
            _workers++;
            Background.Forget("web seed", _services.Log, Task.Run(WorkAsync));
        }
        else
        {
            _running.Keys.FirstOrDefault(static range => range.Idle is not null)?.Close();
        }
    }

    /// <summary>Fetches one range after the other while there are any.</summary>
    private async Task WorkAsync()
    {
        while (TryTake(out var range, out var source))
        {
            try
            {
                await FetchAsync(range, source);
            }
            catch (FileMissingException e)
            {
                FileIsMissing(range, e);
            }
            catch (OperationCanceledException) when (IsClosed || IsGivenUp(range))
            {
                // Others wait, or nothing does.
            }
            catch (Exception e)
            {
                End(EndOf(e));
            }
            finally
            {
                lock (_lock)
                {
                    _running.Remove(range);
                }

                source.Dispose();
            }
        }
    }

    private bool TryTake([NotNullWhen(true)] out WebSeedRange? range, [NotNullWhen(true)] out CancellationTokenSource? source)
    {
        lock (_lock)
        {
            range = IsClosed ? null : _queue.Take();
            source = null;
            if (range is null)
            {
                _workers--;
                return false;
            }

            _running[range] = source = new CancellationTokenSource(BlockTime, _services.Clock.Time);
            StartWorker();
            return true;
        }
    }

    private bool IsGivenUp(WebSeedRange range)
    {
        lock (_lock)
        {
            return range.IsClosed;
        }
    }

    private async Task FetchAsync(WebSeedRange range, CancellationTokenSource source)
    {
        var buffer = LargeBuffers.Rent(BufferLength);
        try
        {
            var claims = new BlockClaims(BufferLength / PieceLayout.BlockLength);
            var have = 0;
            var at = range.Start;
            foreach (var part in WebSeedParts.Of(_info.Files, range.Start, range.Limit - range.Start))
            {
                (have, var count) = await FetchAsync(part, at, range, buffer.AsMemory(0, BufferLength), have, claims, source);
                at += count;
                if (count < part.Length)
                {
                    return;
                }
            }
        }
        finally
        {
            LargeBuffers.Return(buffer);
        }
    }

    /// <summary>Fetches what of a range lies in one file, and hands over each block that is whole.</summary>
    /// <returns>Bytes of an unfinished block at the start of the buffer, and those of the part that were wanted.</returns>
    private async Task<(int Have, long Count)> FetchAsync(
        WebSeedPart part,
        long start,
        WebSeedRange range,
        Memory<byte> buffer,
        int have,
        BlockClaims claims,
        CancellationTokenSource source
    )
    {
        OutgoingAnswer? answer = null;
        Stream body = Stream.Null;
        try
        {
            var done = 0L;
            while (done < part.Length && await WantedAsync(range, start + done, source) is > 0 and var wanted)
            {
                var most = (int)Math.Min(Math.Min(wanted, part.Length - done), buffer.Length - have);
                int count;
                if (part.IsPadding)
                {
                    buffer.Span.Slice(have, most).Clear();
                    count = most;
                }
                else
                {
                    if (answer is null)
                    {
                        ThrowIfMissing(part.File);
                        (answer, body) = await _files.OpenAsync(part, source.Token);
                    }

                    count = await body.ReadAsync(buffer.Slice(have, most), source.Token);
                    if (count == 0)
                    {
                        throw new WebSeedException("its answer ends too early", isFinal: false);
                    }

                    Interlocked.Add(ref _received, count);
                }

                done += count;
                have = HandOver(range, buffer.Span, have + count, claims, source);
            }

            return (have, done);
        }
        finally
        {
            answer?.Dispose();
        }
    }

    /// <summary>Waits a moment when nothing more was asked of a range.</summary>
    /// <returns>Bytes that were asked from there on; 0: none, and none will be.</returns>
    private async ValueTask<long> WantedAsync(WebSeedRange range, long at, CancellationTokenSource source)
    {
        Task more;
        lock (_lock)
        {
            if (range.End > at || range.IsClosed)
            {
                return range.IsClosed ? 0 : range.End - at;
            }

            if (_queue.Count > 0 && _workers == MostRanges)
            {
                range.Close(); // others need it
                return 0;
            }

            range.Idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            more = range.Idle.Task;
        }

        source.CancelAfter(Timeout.InfiniteTimeSpan);
        await more.WaitAsync(IdleTime, _services.Clock.Time, source.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        source.CancelAfter(BlockTime);
        lock (_lock)
        {
            range.Idle = null;
            if (range.End == at)
            {
                range.Close();
            }

            return range.IsClosed ? 0 : range.End - at;
        }
    }

    /// <summary>Hands over the whole blocks at the start of the buffer, and moves the rest there.</summary>
    private int HandOver(WebSeedRange range, Span<byte> buffer, int have, BlockClaims claims, CancellationTokenSource source)
    {
        ReadOnlySpan<BlockRef> whole;
        var length = 0;
        lock (_lock)
        {
            if (range.IsClosed)
            {
                throw new OperationCanceledException(); // nothing of it is wanted any more
            }

            var missing = range.Missing;
            var count = 0;
            while (count < missing.Length && _info.Layout.BlockLengthOf(missing[count].Piece, missing[count].Block) is var next)
            {
                if (length + next > have)
                {
                    break;
                }

                length += next;
                count++;
            }

            whole = missing[..count];
            range.Receive(count);
        }

        if (whole.IsEmpty)
        {
            return have;
        }

        source.CancelAfter(BlockTime);
        claims.Clear();
        _owner.ReceivedBlocks(Peer, whole, buffer[..length], claims);
        claims.Clear();
        buffer[length..have].CopyTo(buffer);
        return have - length;
    }

    private void ThrowIfMissing(int file)
    {
        lock (_lock)
        {
            if (_missing.Contains(file))
            {
                throw new FileMissingException(file, "does not have the file");
            }
        }
    }

    /// <summary>The server does not have a file: the pieces that it is in are asked of others from now on.</summary>
    private void FileIsMissing(WebSeedRange range, FileMissingException missing)
    {
        List<BlockRef> rejected;
        bool isUseless;
        lock (_lock)
        {
            _missing.Add(missing.File);
            isUseless = Received == 0 && _missing.Count >= Math.Min(MostMissing, _info.Files.Count(IsAsked));
            var left = range.Close();
            rejected = [.. left.Where(b => IsMissing(b.Piece)), .. _queue.RemoveAll(IsMissing)];
            _queue.PutBack(left.Where(b => !IsMissing(b.Piece)));
        }

        if (isUseless)
        {
            End(new WebSeedEnd(missing.Message, IsFinal: true));
            return;
        }

        Reject(rejected);
        SayHave();
    }

    private static bool IsAsked(TorrentFile file)
    {
        return file.Length > 0 && !file.Attributes.HasFlag(TorrentFileAttributes.Padding);
    }

    private bool IsMissing(int piece)
    {
        foreach (var index in _missing)
        {
            var file = _info.Files[index];
            var layout = _info.Layout;
            if (piece >= layout.PieceAt(file.Offset) && piece <= layout.PieceAt(file.Offset + file.Length - 1))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Tells the swarm which pieces can be had, as a peer does by a message, and that it may ask for them.</summary>
    private void SayHave()
    {
        var count = _info.Layout.PieceCount;
        var messages = new byte[PeerMessageWriter.BitfieldHeaderLength + ((count + 7) / 8) + 16];
        int length;
        lock (_lock)
        {
            length = _missing.Count == 0 ? PeerMessageWriter.WriteHaveAll(messages) : WriteBitfield(messages, count);
        }

        length += PeerMessageWriter.WriteUnchoke(messages.AsSpan(length));
        Say(messages.AsSpan(0, length));
    }

    private int WriteBitfield(Span<byte> destination, int count)
    {
        var bytes = (count + 7) / 8;
        PeerMessageWriter.WriteBitfieldHeader(destination, bytes);
        var bits = destination.Slice(PeerMessageWriter.BitfieldHeaderLength, bytes);
        for (var piece = 0; piece < count; piece++)
        {
            bits[piece / 8] |= IsMissing(piece) ? (byte)0 : (byte)(0x80 >> (piece % 8));
        }

        return PeerMessageWriter.BitfieldHeaderLength + bytes;
    }

    private void Reject(List<BlockRef> blocks)
    {
        Span<byte> message = stackalloc byte[32];
        foreach (var block in blocks)
        {
            var length = _info.Layout.BlockLengthOf(block.Piece, block.Block);
            var written = PeerMessageWriter.WriteReject(message, block.Piece, block.Block * PieceLayout.BlockLength, length);
            Say(message[..written]);
        }
    }

    private void Say(ReadOnlySpan<byte> messages)
    {
        _owner.Received(Peer, messages, new BlockClaims(1));
    }

    private WebSeedEnd EndOf(Exception error)
    {
        switch (error)
        {
            case WebSeedException refused:
                return new WebSeedEnd(refused.Message, refused.IsFinal, refused.RetryIn);
            case OutgoingException forbidden:
                return new WebSeedEnd(forbidden.Message, IsFinal: true);
            case OperationCanceledException:
                return new WebSeedEnd($"sends too little: no block within {BlockTime.TotalSeconds:0} s");
            case HttpRequestException or SocketException or IOException:
                return new WebSeedEnd("no connection, or it broke: " + error.Message);
            default:
                _services.Log.PeerFailed(_owner.InfoHash, Peer.Remote, error);
                return new WebSeedEnd(error.Message);
        }
    }
}
