using Distribyted.BitTorrent.Transport;
using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>What the nodes of both address families share.</summary>
/// <param name="Port">Sends.</param>
/// <param name="Guard">Checks addresses that nodes name.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">For <see cref="DhtLog"/>.</param>
/// <param name="External">Hears how nodes see us.</param>
/// <param name="Owner">The session.</param>
internal sealed record DhtNodeServices(
    IDatagramPort Port,
    AddressGuard Guard,
    TimeProvider Time,
    ILogger Logger,
    ExternalAddress External,
    IDhtNodeOwner Owner
)
{
    public AnswerBudget Budget { get; } = new();

    public DhtCounters Counters { get; } = new();
}
