using System.Threading.Channels;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Tests.Peers;

/// <summary>A swarm as connections see it, which remembers what they told.</summary>
internal sealed class RecordedOwner : IPeerOwner
{
    public InfoHash InfoHash { get; } = InfoHash.Compute([]);

    public SwarmShare Share { get; } = new(static () => { }, static () => { });

    public bool UsesDht => false;

    /// <summary>What was received, one entry for each call.</summary>
    public List<byte[]> Batches { get; } = [];

    /// <summary>Processes a batch, and says how many bytes of it; null: all.</summary>
    public Func<byte[], BlockClaims, int>? Process { get; set; }

    /// <summary>Blocks that came without messages.</summary>
    public List<BlockRef> Blocks { get; } = [];

    public List<(Peer Peer, string Reason)> Gone { get; } = [];

    /// <summary>How dials ended.</summary>
    public Channel<DialOutcome> Dials { get; } = Channel.CreateUnbounded<DialOutcome>();

    public void IsReached(PeerEndPoint peer) { }

    public DialOutcome Join(Peer peer)
    {
        return DialOutcome.Joined;
    }

    public void DialEnded(PeerEndPoint peer, DialOutcome outcome)
    {
        Dials.Writer.TryWrite(outcome);
    }

    public int Received(Peer peer, ReadOnlySpan<byte> bytes, BlockClaims claims)
    {
        var batch = bytes.ToArray();
        Batches.Add(batch);
        return Process?.Invoke(batch, claims) ?? batch.Length;
    }

    public void ReceivedBlocks(Peer peer, ReadOnlySpan<BlockRef> blocks, ReadOnlySpan<byte> bytes, BlockClaims claims)
    {
        Blocks.AddRange(blocks);
    }

    public void Left(Peer peer, string reason)
    {
        Gone.Add((peer, reason));
    }

    public ValueTask<bool> ReadBlockAsync(UploadRequest request, Memory<byte> destination, CancellationToken cancellationToken)
    {
        return new ValueTask<bool>(false);
    }

    public void CannotGive(Peer peer, UploadRequest request) { }

    public void CountUpload(long bytes) { }
}
