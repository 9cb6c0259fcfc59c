using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Peers;

/// <summary>A connected peer as its swarm sees it: who it is, what it has, what was agreed. Guarded by the swarm's lock, but for what never changes and
/// what the connection counts.</summary>
internal sealed class Peer
{
    public Peer(IPeerConnection connection, Handshake handshake, PeerEndPoint remote, bool isOutgoing, long rtt, long now)
    {
        Connection = connection;
        Id = handshake.PeerId;
        SpeaksFast = handshake.SupportsFast;
        SpeaksExtensions = handshake.SupportsExtensions;
        SpeaksDht = handshake.SupportsDht;
        Remote = remote;
        Client = PeerClient.Of(remote);
        Listens = isOutgoing ? remote : null;
        IsOutgoing = isOutgoing;
        Rtt = rtt;
        LastReceivedAt = LastSentAt = ConnectedAt = now;
    }

    public IPeerConnection Connection { get; }

    /// <summary>What is to be sent to it. Has a lock of its own, which may be taken inside the swarm's.</summary>
    public PeerOutbox Outbox { get; } = new();

    public PeerId Id { get; }

    public bool SpeaksFast { get; }

    public bool SpeaksExtensions { get; }

    public bool SpeaksDht { get; }

    /// <summary>It has told of its DHT node: once in a connection is enough.</summary>
    public bool HasNamedNode { get; set; }

    public bool IsOutgoing { get; }

    /// <summary>A web seed.</summary>
    public bool IsServer { get; init; }

    /// <summary>Whether it is connected over µTP.</summary>
    public bool IsOverUtp { get; init; }

    /// <summary>Whether the connection began with an encryption handshake.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>The other end of the connection.</summary>
    public PeerEndPoint Remote { get; }

    /// <summary>What counts as one client in limits per address.</summary>
    public PeerEndPoint Client { get; }

    /// <summary>Quickest round trip of dial and handshake, microseconds.</summary>
    public long Rtt { get; }

    public long ConnectedAt { get; }

    /// <summary>Equal for peers behind one line; on loopback every end point is a line of its own.</summary>
    public ulong HostKey => PeerClient.KeyOf(Remote);

    public bool IsClosed => Connection.IsClosed;

    /// <summary>Where the peer can be dialled, once known.</summary>
    public PeerEndPoint? Listens { get; set; }

    /// <summary>Its place in the swarm, from the moment it joins.</summary>
    public PeerSlot Slot { get; set; }

    /// <summary>Identity for blame and bans.</summary>
    public long Source => ((long)Slot.Generation << 32) | (uint)Slot.Index;

    public bool AmChoking { get; set; } = true;

    public bool AmInterested { get; set; }

    public long AmInterestedSince { get; set; }

    /// <summary>When we, or it, last had a reason for interest.</summary>
    public long InterestShownAt { get; set; }

    public bool IsChoking { get; set; } = true;

    public bool IsInterested { get; set; }

    public bool IsSeed { get; set; }

    /// <summary>Being closed by us for another peer, which has its place already.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Being closed because it could not give what was wanted.</summary>
    public bool IsUseless { get; set; }

    /// <summary>Whether it has sent what it has (BITFIELD, HAVE and the like).</summary>
    public bool HasSentHave { get; set; }

    /// <summary>The pieces that it has; null while it is not known how many pieces there are.</summary>
    public Bitfield? Have { get; set; }

    /// <summary>What it offers piece by piece.</summary>
    public OfferedPieces Offers { get; set; } = OfferedPieces.None;

    /// <summary>Has announced many pieces at once: it offers nothing piece by piece.</summary>
    public bool HasAnnouncedMany { get; set; }

    /// <summary>What it said that it has before the metadata was here; null: nothing.</summary>
    public EarlyMessages? Early { get; set; }

    /// <summary>Its extension handshakes (BEP 10), the later ones laid over the first; null: none has come.</summary>
    public ExtensionHandshake? Extensions { get; set; }

    public long UnchokedAt { get; set; }

    /// <summary>Blocks that it sent without having been asked.</summary>
    public int Unasked { get; set; }

    /// <summary>When its end point was last dialled although it is connected: it was silent.</summary>
    public long DialledAgainAt { get; set; }

    public long LastReceivedAt { get; set; }

    /// <summary>Payload bytes that it gave.</summary>
    public long Downloaded { get; set; }

    /// <summary>Payload counters at the last choke round.</summary>
    public (long Downloaded, long Uploaded) AtLastRound { get; set; }

    /// <summary>How fast it sends and receives.</summary>
    public PeerRates Rates;

    /// <summary>How it became known.</summary>
    public PeerOrigin Origin { get; set; } = PeerOrigin.Incoming;

    /// <summary>Set by the sender, without the lock.</summary>
    public long LastSentAt { get; set; }

    /// <summary>Payload bytes that were sent to it. Set by the sender, without the lock.</summary>
    public long Uploaded { get; set; }
}
