using System.Net;

namespace Distribyted.BitTorrent.Discovery.PortMapping.Links;

/// <summary>One way out of this machine.</summary>
/// <param name="Interface">Name of the network interface.</param>
/// <param name="Router">The next router.</param>
/// <param name="Metric">The lowest is taken.</param>
internal readonly record struct DefaultRoute(string Interface, IPAddress Router, long Metric);
