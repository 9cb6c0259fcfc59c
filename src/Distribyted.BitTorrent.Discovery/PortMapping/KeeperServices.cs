using Microsoft.Extensions.Logging;

namespace Distribyted.BitTorrent.Discovery.PortMapping;

/// <summary>What the keepers of all routers share.</summary>
/// <param name="Port">The port that we listen on.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">For <see cref="PortMappingLog"/>.</param>
/// <param name="Changed">Called when something is mapped or not mapped any more.</param>
/// <param name="CheckLinks">Called before each round but the first: our networks may be others by now.</param>
internal sealed record KeeperServices(ushort Port, TimeProvider Time, ILogger Logger, Action Changed, Action CheckLinks);
