namespace Distribyted.BitTorrent.Protocol.PortMapping;

/// <summary>A device that answers a search (UPnP Device Architecture 1.1, section 1.3.3).</summary>
/// <param name="Location">Where its description is: an http address, of whichever host it names.</param>
/// <param name="Target">What it says it is.</param>
public sealed record SsdpAnswer(Uri Location, string Target);
