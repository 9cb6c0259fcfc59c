using System.Text.Json.Serialization;

namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>What carries a connection to a peer.</summary>
public enum TransportView
{
    /// <summary>TCP.</summary>
    [JsonStringEnumMemberName("tcp")]
    Tcp,

    /// <summary>µTP over UDP (BEP 29).</summary>
    [JsonStringEnumMemberName("utp")]
    Utp,

    /// <summary>HTTP: a web seed (BEP 19).</summary>
    [JsonStringEnumMemberName("http")]
    Http,
}

/// <summary>One connected peer.</summary>
/// <param name="Address">Address and port.</param>
/// <param name="Client">Its program as it names itself, else its peer id.</param>
/// <param name="Source">How it became known: <c>tracker</c>, <c>pex</c>, <c>dht</c>, <c>magnet</c>, <c>lsd</c>, <c>incoming</c>, <c>remembered</c> or <c>webseed</c>.</param>
/// <param name="Transport">What carries the connection.</param>
/// <param name="IsEncrypted">Whether the connection began with an encryption handshake.</param>
/// <param name="IsIncoming">Whether the peer connected to us.</param>
/// <param name="IsSeed">Whether it has everything.</param>
/// <param name="Pieces">How many pieces it has; 0 while that is not known.</param>
/// <param name="ChokesUs">It gives us nothing now.</param>
/// <param name="WantsOurs">It is interested in pieces of ours.</param>
/// <param name="IsChoked">We give it nothing now.</param>
/// <param name="IsWanted">We are interested in pieces of it.</param>
/// <param name="IsStalled">It was asked for blocks and is silent for longer than it should be.</param>
/// <param name="Requests">Blocks that it was asked for and has not sent.</param>
/// <param name="DownloadedBytes">Payload that it gave.</param>
/// <param name="UploadedBytes">Payload that it got.</param>
/// <param name="DownloadRate">Bytes per second from it, over two seconds.</param>
/// <param name="UploadRate">Bytes per second to it, over two seconds.</param>
/// <param name="ConnectedSeconds">How long it has been connected.</param>
public sealed record PeerView(
    string Address,
    string Client,
    string Source,
    TransportView Transport,
    bool IsEncrypted,
    bool IsIncoming,
    bool IsSeed,
    int Pieces,
    bool ChokesUs,
    bool WantsOurs,
    bool IsChoked,
    bool IsWanted,
    bool IsStalled,
    int Requests,
    long DownloadedBytes,
    long UploadedBytes,
    long DownloadRate,
    long UploadRate,
    double ConnectedSeconds
);

/// <summary>All connected peers of a torrent, in the order in which they came.</summary>
public sealed record PeersView(IReadOnlyList<PeerView> Items);
