using Distribyted.Platform;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Distribyted.BitTorrent.Peers;

/// <summary>What an active torrent has of the things that are limited for all torrents together: connections and dials under way.</summary>
/// <param name="giveUp">Called when it has to give up connections: closes as many as <see cref="ConnectionTable.SurplusOf"/> says.</param>
/// <param name="dial">Called when it waited for a dial and may begin one now.</param>
/// <param name="logger">Takes their errors; null: they are not logged.</param>
/// <remarks>Both are called on a thread of the pool, without locks.</remarks>
internal sealed class SwarmShare(Action giveUp, Action dial, ILogger? logger = null)
{
    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private int _urgency;

    /// <summary>Set by the swarm, read by all.</summary>
    public SwarmUrgency Urgency
    {
        get => (SwarmUrgency)Volatile.Read(ref _urgency);
        set => Volatile.Write(ref _urgency, (int)value);
    }

    /// <summary>Places that it has. Guarded by the <see cref="ConnectionTable"/>.</summary>
    public int Connections { get; set; }

    /// <summary>Connections that are still open although another connection has their place by now. Guarded by the <see cref="ConnectionTable"/>.</summary>
    public int Surplus { get; set; }

    /// <summary>Dials under way. Guarded by the <see cref="DialSlots"/>.</summary>
    public int Dials { get; set; }

    /// <summary>Whether it waits for a slot. Guarded by the <see cref="DialSlots"/>.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>A slot that it waited for and has not used yet. Guarded by the <see cref="DialSlots"/>.</summary>
    public SwarmUrgency? Granted { get; set; }

    public void GiveUpLater()
    {
        Background.Queue("giving up of connections", _logger, giveUp);
    }

    public void DialLater()
    {
        Background.Queue("dialling after a wait", _logger, dial);
    }
}
