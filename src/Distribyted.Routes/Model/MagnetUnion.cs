using Distribyted.BitTorrent.Protocol.Metainfo;

namespace Distribyted.Routes.Model;

/// <summary>The link that is remembered of a torrent which is added again by another one: with all that either names, the newest first.</summary>
internal static class MagnetUnion
{
    /// <param name="known">The link so far; null: none.</param>
    /// <param name="added">Another one of the same torrent; null: a file brought it.</param>
    /// <returns>The known one as it is when the other adds nothing to it.</returns>
    internal static string? Of(string? known, string? added)
    {
        if (
            known is null
            || added is null
            || !MagnetLink.TryParse(known, out var former, out _)
            || !MagnetLink.TryParse(added, out var latter, out _)
        )
        {
            return added ?? known;
        }

        var urls = former.Trackers.SelectMany(static tier => tier).ToHashSet(StringComparer.Ordinal);
        var fresh = latter.Trackers.Where(tier => !tier.All(urls.Contains)).ToList();
        var peers = latter.Peers.Except(former.Peers).ToList();
        var hosts = latter.PeerHosts.Except(former.PeerHosts, StringComparer.OrdinalIgnoreCase).ToList();
        var sources =
            latter.WebSeeds.Except(former.WebSeeds, StringComparer.Ordinal).Count()
            + latter.ExactSources.Except(former.ExactSources, StringComparer.Ordinal).Count();
        if (fresh.Count + peers.Count + hosts.Count + sources == 0 && (former.Name is not null || latter.Name is null))
        {
            return known;
        }

        var union = latter with
        {
            Name = latter.Name ?? former.Name,
            Trackers = [.. latter.Trackers.Concat(former.Trackers).DistinctBy(tier => string.Join('\n', tier), StringComparer.Ordinal)],
            Peers = [.. latter.Peers.Union(former.Peers)],
            PeerHosts = [.. latter.PeerHosts.Union(former.PeerHosts, StringComparer.OrdinalIgnoreCase)],
            WebSeeds = [.. latter.WebSeeds.Union(former.WebSeeds, StringComparer.Ordinal)],
            SelectOnly = former.SelectOnly, // what is shown does not change when a torrent is added again
            ExactSources = [.. latter.ExactSources.Union(former.ExactSources, StringComparer.Ordinal)],
        };
        var text = union.ToString();
        return text.Length <= ParsedTorrent.MaxMagnetLength ? text : known;
    }
}
