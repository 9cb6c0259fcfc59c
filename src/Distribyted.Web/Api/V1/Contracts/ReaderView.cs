using System.Text.Json.Serialization;

namespace Distribyted.Web.Api.V1.Contracts;

/// <summary>Why a reader waits.</summary>
public enum WaitCauseView
{
    /// <summary>No peer has sent the metadata.</summary>
    [JsonStringEnumMemberName("metadataMissing")]
    MetadataMissing,

    /// <summary>The disk takes no more bytes.</summary>
    [JsonStringEnumMemberName("diskFull")]
    DiskFull,

    /// <summary>The piece cache has no room that may be reused.</summary>
    [JsonStringEnumMemberName("cacheFull")]
    CacheFull,

    /// <summary>Our own limit of the download rate.</summary>
    [JsonStringEnumMemberName("rateLimit")]
    RateLimit,

    /// <summary>All that was asked for comes from one peer.</summary>
    [JsonStringEnumMemberName("oneSlowPeer")]
    OneSlowPeer,

    /// <summary>Peers were asked and are silent.</summary>
    [JsonStringEnumMemberName("peersSilent")]
    PeersSilent,

    /// <summary>Blocks are on their way from several peers.</summary>
    [JsonStringEnumMemberName("arriving")]
    Arriving,

    /// <summary>No peer is known: trackers and other sources fail.</summary>
    [JsonStringEnumMemberName("sourcesFail")]
    SourcesFail,

    /// <summary>No peer is known yet.</summary>
    [JsonStringEnumMemberName("noPeersKnown")]
    NoPeersKnown,

    /// <summary>Connections are being made.</summary>
    [JsonStringEnumMemberName("connecting")]
    Connecting,

    /// <summary>As many connections are open, or being made, as are allowed.</summary>
    [JsonStringEnumMemberName("connectionLimit")]
    ConnectionLimit,

    /// <summary>Peers are known and none can be connected to.</summary>
    [JsonStringEnumMemberName("peersUnreachable")]
    PeersUnreachable,

    /// <summary>No connected peer has the piece.</summary>
    [JsonStringEnumMemberName("noSeedHasPiece")]
    NoSeedHasPiece,

    /// <summary>The peers that have the piece choke us.</summary>
    [JsonStringEnumMemberName("allChoke")]
    AllChoke,

    /// <summary>A peer could give the piece, and is about to be asked.</summary>
    [JsonStringEnumMemberName("aboutToAsk")]
    AboutToAsk,
}

/// <summary>A peer that was asked for blocks of the piece.</summary>
/// <param name="Address">Address and port; null for users who may only read.</param>
/// <param name="Client">Its program.</param>
/// <param name="Blocks">How many blocks it was asked for.</param>
/// <param name="DownloadRate">Bytes per second from it, over two seconds.</param>
/// <param name="IsSilent">It is silent for longer than it should be.</param>
public sealed record WaitPeerView(string? Address, string Client, int Blocks, long DownloadRate, bool IsSilent);

/// <summary>What a reader waits for, and why.</summary>
/// <param name="Piece">Number of the piece; -1: it waits for the metadata.</param>
/// <param name="WaitedSeconds">For how long it has waited.</param>
/// <param name="Blocks">How many blocks the piece has.</param>
/// <param name="BlocksHere">How many of them are here.</param>
/// <param name="BlocksInFlight">How many were asked for and are not here.</param>
/// <param name="From">Of whom they were asked.</param>
/// <param name="ExpectedSeconds">When the piece should be whole; null: not all of it was asked for yet.</param>
/// <param name="Cause">Why it waits.</param>
/// <param name="Text">The same as one sentence.</param>
public sealed record ReaderWaitView(
    int Piece,
    double WaitedSeconds,
    int Blocks,
    int BlocksHere,
    int BlocksInFlight,
    IReadOnlyList<WaitPeerView> From,
    double? ExpectedSeconds,
    WaitCauseView Cause,
    string Text
);

/// <summary>One open reader.</summary>
/// <param name="Id">Stays the same while it is open.</param>
/// <param name="Hash">Info hash of its torrent.</param>
/// <param name="Torrent">The torrent's name in the first route that the user sees.</param>
/// <param name="File">Names from the top of the torrent to its file, joined by slashes; the name of the torrent for a request to add it that waits for its metadata.</param>
/// <param name="Client">Who reads: address and program, as far as they are known. Null for users who may only read.</param>
/// <param name="Length">Bytes of the file; 0: not known without metadata.</param>
/// <param name="Position">Bytes from the start of the file to the next one that is read.</param>
/// <param name="BytesAhead">Bytes that are here from its position on, without a gap.</param>
/// <param name="Rate">Bytes per second that it takes while it does not wait; 0: not known yet.</param>
/// <param name="FirstWanted">First piece of its window; -1: there is none without metadata.</param>
/// <param name="LastWanted">Last piece of its window; -1: there is none without metadata.</param>
/// <param name="Wait">What it waits for; null: nothing.</param>
public sealed record ReaderView(
    string Id,
    string Hash,
    string Torrent,
    string File,
    string? Client,
    long Length,
    long Position,
    long BytesAhead,
    long Rate,
    int FirstWanted,
    int LastWanted,
    ReaderWaitView? Wait
);

/// <summary>All open readers, those that wait longest first.</summary>
public sealed record ReadersView(IReadOnlyList<ReaderView> Items);
