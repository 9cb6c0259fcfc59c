using System.Net;
using Distribyted.BitTorrent.Extensions;
using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.BitTorrent.Tests.Extensions;

/// <summary>A swarm as extensions see it, which remembers what they did.</summary>
internal sealed class RecordedSwarm : IExtensionSwarm
{
    public InfoHash InfoHash { get; init; }

    public TorrentInfo? Info { get; set; }

    public bool MayExchangePeers { get; set; } = true;

    public List<Peer> Connected { get; } = [];

    public List<(Peer Peer, byte[] Message)> Sent { get; } = [];

    public List<PeerEndPoint> Added { get; } = [];

    public List<PeerEndPoint> Preferring { get; } = [];

    public List<PeerEndPoint> Dialling { get; } = [];

    public bool MayPunch { get; set; } = true;

    public List<PeerEndPoint> Punched { get; } = [];

    public List<(Peer Peer, int Piece)> Lost { get; } = [];

    /// <summary>How many messages may still wait to be made.</summary>
    public int Waiting { get; set; } = int.MaxValue;

    public byte[]? Metadata { get; private set; }

    IReadOnlyList<Peer> IExtensionSwarm.Peers => Connected;

    public void Send(Peer peer, ReadOnlySpan<byte> message)
    {
        Sent.Add((peer, message.ToArray()));
    }

    public bool TrySendLater(Peer peer, Func<byte[]> message)
    {
        if (Waiting-- <= 0)
        {
            return false;
        }

        Sent.Add((peer, message()));
        return true;
    }

    public void AddPeers(IReadOnlyList<PeerEndPoint> peers, IPAddress namedBy)
    {
        Added.AddRange(peers);
    }

    public void PrefersEncryption(PeerEndPoint peer)
    {
        Preferring.Add(peer);
    }

    public bool IsDialling(PeerEndPoint peer)
    {
        return Dialling.Contains(peer);
    }

    public void Punch(PeerEndPoint peer, IPAddress namedBy)
    {
        Punched.Add(peer);
    }

    public void PeerLostPiece(Peer peer, int piece)
    {
        Lost.Add((peer, piece));
    }

    public void MetadataReceived(byte[] info)
    {
        Metadata = info;
    }
}
