using Distribyted.BitTorrent.Telemetry;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent;

/// <summary>Logs one line about how peers find and reach us: when it is known, or 15 s after the start of discovery, and again when peers can reach us another way than
/// before. Asked once a second, by one thread at a time.</summary>
/// <param name="options">What is switched off.</param>
/// <param name="log">Gets the line.</param>
internal sealed class ReachReport(BitTorrentOptions options, ILogger log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private Reach? _told;

    /// <summary>Says it if there is something to say.</summary>
    /// <param name="port">That is open for peers.</param>
    /// <param name="dhtNodes">Nodes in the tables of the DHT.</param>
    /// <param name="reach">Whether peers from the internet can connect.</param>
    /// <param name="sinceStart">Since the start of discovery.</param>
    public void Look(int port, int dhtNodes, Reach reach, TimeSpan sinceStart)
    {
        var isKnown = reach.IsKnown && (dhtNodes > 0 || options.Discovery.DisableDht);
        if (_told is null ? !isKnown && sinceStart < Patience : !reach.IsKnown || reach == _told)
        {
            return;
        }

        _told = reach;
        log.PeersReachUs(port, Transports, Encryption, Dht(dhtNodes), options.Transport.DisableLsd ? "off" : "on", reach.Text);
    }

    private string Encryption => options.Transport.Encryption.ToString().ToLowerInvariant();

    private string Transports =>
        options.Transport.DisableTcp ? "µTP"
        : options.Transport.DisableUtp ? "TCP"
        : "TCP and µTP";

    private string Dht(int nodes)
    {
        return options.Discovery.DisableDht ? "off"
            : nodes == 0 ? "on, without nodes so far"
            : $"on, {nodes} nodes";
    }
}
