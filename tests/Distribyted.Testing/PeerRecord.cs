using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.Testing;

/// <summary>What a <see cref="FaultyPeer"/> saw and did, over all its connections. Safe for use by many threads.</summary>
internal sealed class PeerRecord
{
    private readonly ConcurrentQueue<BlockRef> _requests = new();
    private readonly ConcurrentQueue<BlockRef> _cancels = new();
    private readonly ConcurrentQueue<BlockRef> _rejects = new();
    private readonly ConcurrentQueue<int> _haves = new();
    private readonly ConcurrentQueue<int> _metadata = new();
    private readonly ConcurrentDictionary<PeerMessageKind, int> _kinds = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _connections;
    private int _open;
    private int _blocksSent;

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections that are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Blocks sent, right or wrong.</summary>
    public int BlocksSent => Volatile.Read(ref _blocksSent);

    /// <summary>Blocks that it was asked for, in order, repeats included.</summary>
    public IReadOnlyCollection<BlockRef> Requests => _requests;

    /// <summary>Requests that were taken back.</summary>
    public IReadOnlyCollection<BlockRef> Cancels => _cancels;

    /// <summary>Its own requests that were refused (BEP 6).</summary>
    public IReadOnlyCollection<BlockRef> Rejects => _rejects;

    /// <summary>Pieces that it was told of.</summary>
    public IReadOnlyCollection<int> Haves => _haves;

    /// <summary>Pieces of the metadata that it was asked for.</summary>
    public IReadOnlyCollection<int> MetadataRequests => _metadata;

    /// <summary>How many messages of a kind came.</summary>
    public int Count(PeerMessageKind kind)
    {
        return _kinds.GetValueOrDefault(kind);
    }

    /// <summary>Waits until the record satisfies a condition.</summary>
    public async Task WaitForAsync(
        Func<PeerRecord, bool> condition,
        CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(condition))] string what = ""
    )
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (condition(this))
            {
                return;
            }

            await Waiting.ExplainAsync(changed.WaitAsync(cancellationToken), what, Describe, cancellationToken);
        }
    }

    public void Opened()
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _open);
        Changed();
    }

    public void Closed()
    {
        Interlocked.Decrement(ref _open);
        Changed();
    }

    public void Sent()
    {
        Interlocked.Increment(ref _blocksSent);
        Changed();
    }

    public void Asked(int metadataPiece)
    {
        _metadata.Enqueue(metadataPiece);
        Changed();
    }

    public void Received(in PeerMessage message)
    {
        _kinds.AddOrUpdate(message.Kind, 1, (_, count) => count + 1);
        var block = new BlockRef(message.Piece, message.Offset / BitTorrent.Protocol.PieceLayout.BlockLength);
        switch (message.Kind)
        {
            case PeerMessageKind.Request:
                _requests.Enqueue(block);
                break;
            case PeerMessageKind.Cancel:
                _cancels.Enqueue(block);
                break;
            case PeerMessageKind.Reject:
                _rejects.Enqueue(block);
                break;
            case PeerMessageKind.Have:
                _haves.Enqueue(message.Piece);
                break;
            default:
                break;
        }

        Changed();
    }

    private string Describe()
    {
        return $"{Connections} connections, {Open} of them open, {Requests.Count} requests, {BlocksSent} blocks sent, {Cancels.Count} cancels, "
            + $"{MetadataRequests.Count} requests for metadata; messages: {string.Join(", ", _kinds)}";
    }

    private void Changed()
    {
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
