namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>A service of a gateway that maps ports.</summary>
/// <param name="Type">Its name and version, which each call repeats.</param>
/// <param name="Control">Where calls are sent: an http address of the same host as the description.</param>
public sealed record GatewayService(string Type, Uri Control);
