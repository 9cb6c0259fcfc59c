using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Dht;

namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>A question that was not answered yet.</summary>
/// <param name="To">Who was asked: only from there comes the answer.</param>
/// <param name="Expected">Its id, as others say; null: not known.</param>
/// <param name="Search">What it is for; null: the table only.</param>
/// <param name="Node">Its place in the search.</param>
/// <param name="SentAt">When it was sent.</param>
internal sealed record PendingQuery(PeerEndPoint To, NodeId? Expected, Search? Search, LookupNode? Node, TimeSpan SentAt);
