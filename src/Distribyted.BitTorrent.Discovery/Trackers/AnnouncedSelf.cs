using Distribyted.BitTorrent.Protocol;

namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>What trackers are told of us.</summary>
/// <param name="PeerId">Our id in this run.</param>
/// <param name="ListenPort">Where peers reach us, asked at each announce.</param>
internal sealed record AnnouncedSelf(PeerId PeerId, Func<int> ListenPort);
