namespace Distribyted.BitTorrent.Swarms;

/// <summary>One connected peer right now, for users. Immutable.</summary>
/// <param name="Address">Address and port of the other end of the connection.</param>
/// <param name="Client">Its program as it names itself, else its peer id in printable characters.</param>
/// <param name="Transport">What carries the connection.</param>
/// <param name="IsEncrypted">Whether it began with an encryption handshake (MSE).</param>
/// <param name="IsIncoming">Whether the peer connected to us.</param>
/// <param name="Source">How it became known: <c>tracker</c>, <c>pex</c>, <c>dht</c>, <c>magnet</c>, <c>lsd</c>, <c>incoming</c>, <c>remembered</c> or <c>webseed</c>.</param>
/// <param name="IsSeed">Whether it has everything.</param>
/// <param name="Pieces">How many pieces it has; 0 while that is not known.</param>
/// <param name="IsChokingUs">It gives us nothing now.</param>
/// <param name="IsInterestedInUs">It wants pieces of ours.</param>
/// <param name="IsChoked">We give it nothing now.</param>
/// <param name="IsInteresting">We want pieces of it.</param>
/// <param name="IsStalled">It was asked for blocks and is silent for longer than it should be.</param>
/// <param name="Requests">Blocks that it was asked for and has not sent.</param>
/// <param name="Downloaded">Payload bytes that it gave since it connected.</param>
/// <param name="Uploaded">Payload bytes that it got since it connected.</param>
/// <param name="DownloadRate">Payload bytes per second from it, over two seconds.</param>
/// <param name="UploadRate">Payload bytes per second to it, over two seconds.</param>
/// <param name="Connected">How long it has been connected.</param>
public sealed record PeerSnapshot(
    string Address,
    string Client,
    PeerTransport Transport,
    bool IsEncrypted,
    bool IsIncoming,
    string Source,
    bool IsSeed,
    int Pieces,
    bool IsChokingUs,
    bool IsInterestedInUs,
    bool IsChoked,
    bool IsInteresting,
    bool IsStalled,
    int Requests,
    long Downloaded,
    long Uploaded,
    long DownloadRate,
    long UploadRate,
    TimeSpan Connected
);
