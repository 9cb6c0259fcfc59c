using System.Security.Cryptography;
using Distribyted.BitTorrent.Discovery.Trackers.Exchange;
using Distribyted.BitTorrent.Discovery.Trackers.Queueing;
using Distribyted.BitTorrent.Discovery.Trackers.Tiers;
using Distribyted.BitTorrent.Protocol.Trackers;
using Distribyted.BitTorrent.Transport;

namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>Sends the announces of one torrent through the queue of all, and hands over the peers of the answers. Safe for use by many threads.</summary>
internal sealed class AnnounceSender(TrackerServices services, ISwarmPort port)
{
    private const int MaxWanted = 200;
    private const int MinWanted = 50; // many of the peers a tracker names are gone

    private readonly uint _key = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)); // BEP 3: the same for a tracker when our address changes

    /// <summary>Announces when the queue allows it. Throws nothing but for its token.</summary>
    /// <param name="tracker">Which tracker.</param>
    /// <param name="told">The event that it is told.</param>
    /// <param name="ticket">Its place in the queue.</param>
    /// <param name="cancellationToken">Cancels it, waiting or in flight.</param>
    /// <returns>The answer, fit to be shown, and the bytes left that the tracker was told.</returns>
    public async Task<(AnnounceAnswer Answer, long Left)> SendAsync(
        TrackerState tracker,
        AnnounceEvent told,
        AnnounceTicket ticket,
        CancellationToken cancellationToken
    )
    {
        var left = 0L;
        var answer = await services.Queue.RunAsync(
            ticket,
            token =>
            {
                var request = Request(tracker, told, ticket.Urgency);
                left = request.Left;
                return services.AskAsync(tracker.Address.Uri, request, token);
            },
            cancellationToken
        );
        return (answer.WithoutSecrets(tracker.Address.Uri), left);
    }

    /// <summary>Announces <c>stopped</c>, over each address family that the tracker has. Throws nothing but for its token.</summary>
    public async Task SendStoppedAsync(TrackerState tracker, CancellationToken cancellationToken)
    {
        var ticket = new AnnounceTicket(tracker.Address, AnnounceUrgency.Stopped);
        var (answer, _) = await SendAsync(tracker, AnnounceEvent.Stopped, ticket, cancellationToken);
        if (answer.Other is { } other)
        {
            await other;
        }
    }

    /// <summary>Hands over the peers of an answer, without those whose addresses are refused.</summary>
    public void HandOver(TrackerState tracker, AnnounceAnswer answer)
    {
        if (answer is { ExternalAddress: { } external, Server: { } server })
        {
            services.External.Vote(external, server);
        }

        var peers = answer.Peers.Where(peer => services.Guard.MayDial(peer, answer.Server, webPorts: true)).ToList();
        if (peers.Count < answer.Peers.Count)
        {
            services.Logger.PeersRefused(port.InfoHash, tracker.Host, answer.Peers.Count - peers.Count);
        }

        if (peers.Count > 0)
        {
            port.AddPeers(peers, PeerOrigin.Tracker);
        }
    }

    private AnnounceRequest Request(TrackerState tracker, AnnounceEvent told, AnnounceUrgency urgency)
    {
        var (downloaded, uploaded, left) = port.Progress;
        var ports = port.Ports;
        // A torrent with all the connections it may have, and still a blocked reader, has the wrong peers.
        var wanted = urgency == AnnounceUrgency.Stopped ? 0 : Math.Max(port.WantedPeers, urgency == AnnounceUrgency.Reader ? 1 : 0);
        return new AnnounceRequest(
            port.InfoHash,
            services.PeerId,
            ports.IPv4,
            uploaded,
            downloaded,
            left,
            told,
            wanted <= 0 ? 0 : Math.Clamp(wanted * 2, MinWanted, MaxWanted),
            _key,
            tracker.TrackerId,
            ports.IPv6
        )
        {
            TakesEncryption = services.Encryption != EncryptionMode.Disable,
            NeedsEncryption = services.Encryption == EncryptionMode.Require,
        };
    }
}
