using System.Net.Sockets;
using Distribyted.BitTorrent.Discovery;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Transport;
using Distribyted.BitTorrent.Transport.Utp;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Peers;

/// <summary>What connections, dialler and listener of a session share. Safe for use by many threads.</summary>
/// <param name="transport">How sockets are opened.</param>
/// <param name="clock">The engine's clock.</param>
/// <param name="log">Takes all their messages.</param>
/// <param name="maxHalfOpen">Most dials under way.</param>
/// <param name="uploadLimit">Bytes per second to peers; 0: no limit.</param>
internal sealed class PeerServices(TransportOptions transport, MonotonicClock clock, ILogger log, int maxHalfOpen, long uploadLimit)
{
    private Identity _identity = new(PeerId.CreateRandom());
    private volatile OwnPorts _ports = OwnPorts.None;

    public TransportOptions Transport => transport;

    public MonotonicClock Clock => clock;

    public ILogger Log => log;

    public PeerBans Bans { get; } = new(clock);

    public OwnNetwork Network { get; } =
        new(transport.HasFamily(AddressFamily.InterNetwork), transport.HasFamily(AddressFamily.InterNetworkV6));

    public EncryptionChoices Encryption { get; } = new(transport.Encryption);

    public ObfuscatedHashes ObfuscatedHashes { get; } = new();

    public RateLimiter Upload { get; } = new(uploadLimit, clock);

    public DialSlots Dials { get; } = new(maxHalfOpen);

    /// <summary>Who we are for peers.</summary>
    public PeerId PeerId => Volatile.Read(ref _identity).Id;

    /// <summary>µTP connections; null: switched off, or not started yet.</summary>
    public UtpSockets? Utp { get; set; }

    /// <summary>The port that peers are told.</summary>
    public OwnPorts Ports
    {
        get => _ports;
        set => _ports = value;
    }

    /// <summary>A peer says where its node of the DHT listens (BEP 5), and is told of ours; null: there is no DHT.</summary>
    public Action<PeerEndPoint>? NodeNamed { get; set; }

    /// <summary>Takes a new peer id: other peers may not have noticed that their connections to our old address are dead, and refuse a second one of the
    /// same id.</summary>
    public void ChangePeerId()
    {
        Volatile.Write(ref _identity, new Identity(PeerId.CreateRandom()));
    }

    private sealed record Identity(PeerId Id);
}
