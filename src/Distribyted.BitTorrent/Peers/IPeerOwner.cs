using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;

namespace Distribyted.BitTorrent.Peers;

/// <summary>What connections, dialler and listener need of the swarm that a peer belongs to. Called without locks; safe for use by many threads.</summary>
internal interface IPeerOwner
{
    InfoHash InfoHash { get; }

    /// <summary>Whether its peers are told of our DHT node: we have one, and the torrent is not private (BEP 27).</summary>
    bool UsesDht { get; }

    /// <summary>Its part of the session's dials.</summary>
    SwarmShare Share { get; }

    /// <summary>Bytes of a dialled end point can be sent: something answers there. The handshake comes next.</summary>
    void IsReached(PeerEndPoint peer);

    /// <summary>A handshake is done: lets the peer in, or says why not.</summary>
    DialOutcome Join(Peer peer);

    /// <summary>A dial is over; after <see cref="Join"/> when it came so far.</summary>
    void DialEnded(PeerEndPoint peer, DialOutcome outcome);

    /// <summary>Processes the whole messages at the start of what was received, as many as there are claims for. Blocks that are wanted are filled in when
    /// this returns, also when it throws: the scheduler counts on them and asks no other peer.</summary>
    /// <param name="peer">Who sent it.</param>
    /// <param name="bytes">What was received and not processed yet.</param>
    /// <param name="claims">Empty.</param>
    /// <returns>Bytes that were processed; 0: no message is whole.</returns>
    /// <exception cref="ProtocolException">The peer broke the protocol; its connection is to end.</exception>
    int Received(Peer peer, ReadOnlySpan<byte> bytes, BlockClaims claims);

    /// <summary>Takes over blocks of a peer that sends content without messages around it. Those that are wanted are filled in when this returns.</summary>
    /// <param name="peer">Who sent them.</param>
    /// <param name="blocks">Which, whole ones that follow each other; at most as many as there are claims for.</param>
    /// <param name="bytes">Their bytes.</param>
    /// <param name="claims">Empty.</param>
    void ReceivedBlocks(Peer peer, ReadOnlySpan<BlockRef> blocks, ReadOnlySpan<byte> bytes, BlockClaims claims);

    /// <summary>The connection has ended.</summary>
    void Left(Peer peer, string reason);

    /// <summary>Reads a block that a peer asked for; false: it is not here any more.</summary>
    ValueTask<bool> ReadBlockAsync(UploadRequest request, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>A block that a peer asked for is not here any more.</summary>
    void CannotGive(Peer peer, UploadRequest request);

    /// <summary>Blocks were sent.</summary>
    /// <param name="bytes">Payload.</param>
    void CountUpload(long bytes);
}
