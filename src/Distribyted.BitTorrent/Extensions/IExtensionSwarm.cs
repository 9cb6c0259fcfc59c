using System.Net;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Extensions;

/// <summary>What an extension sees of the swarm it works for. Used inside the swarm's lock.</summary>
internal interface IExtensionSwarm
{
    InfoHash InfoHash { get; }

    /// <summary>The metadata; null while it is not known.</summary>
    TorrentInfo? Info { get; }

    /// <summary>Whether peers may be told of one another: not in private torrents (BEP 27), and not when the user switched it off.</summary>
    bool MayExchangePeers { get; }

    /// <summary>Whether peers can be dialled over µTP.</summary>
    bool MayPunch { get; }

    /// <summary>Who is connected.</summary>
    IReadOnlyList<Peer> Peers { get; }

    /// <summary>Sends a whole message.</summary>
    void Send(Peer peer, ReadOnlySpan<byte> message);

    /// <summary>Sends a message that is made when it can be sent: a peer that reads slowly costs no memory for it.</summary>
    /// <returns>False: too many of them wait already; it is not sent.</returns>
    bool TrySendLater(Peer peer, Func<byte[]> message);

    /// <summary>Peers that another one named; they are checked and dialled when they are needed.</summary>
    void AddPeers(IReadOnlyList<PeerEndPoint> peers, IPAddress namedBy);

    /// <summary>A peer or tracker says that another peer likes encrypted connections: it is dialled that way first.</summary>
    void PrefersEncryption(PeerEndPoint peer);

    /// <summary>Whether a dial of this peer is under way.</summary>
    bool IsDialling(PeerEndPoint peer);

    /// <summary>Dials a peer over µTP now, unless that is not allowed or there is no room: it dials us at the same moment, so that the NATs of both let it pass.</summary>
    /// <param name="peer">Whom.</param>
    /// <param name="namedBy">Who asked for it.</param>
    void Punch(PeerEndPoint peer, IPAddress namedBy);

    /// <summary>A peer does not have this piece any more. Indexes beyond the torrent, and before the metadata is known, are ignored.</summary>
    void PeerLostPiece(Peer peer, int piece);

    /// <summary>The info dictionary is here and has the right hash.</summary>
    void MetadataReceived(byte[] info);
}
