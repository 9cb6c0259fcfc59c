namespace Distribyted.BitTorrent.Discovery.Trackers;

/// <summary>Which trackers a torrent has when it is added again with others: all, the newest first. Pure.</summary>
/// <remarks>A private torrent (BEP 27) is announced to the trackers of its file only, whose addresses hold the passkey of their user. A file that
/// names the host of a known tracker with another address brings a new passkey, and the old one is invalid; a link may do the same, but
/// names no tracker on a host that no file had.</remarks>
public static class TrackerUnion
{
    /// <summary>Most addresses that are kept.</summary>
    internal const int MaxTrackers = 200;

    /// <summary>The tiers from now on; null when nothing is new.</summary>
    /// <param name="known">Tiers so far.</param>
    /// <param name="added">Tiers that came now.</param>
    /// <param name="isPrivate">BEP 27.</param>
    /// <param name="fromFile">They come from a <c>.torrent</c> and not from a link.</param>
    public static List<IReadOnlyList<string>>? Of(
        IReadOnlyList<IReadOnlyList<string>> known,
        IReadOnlyList<IReadOnlyList<string>> added,
        bool isPrivate,
        bool fromFile
    )
    {
        var former = known.SelectMany(static tier => tier).ToHashSet(StringComparer.Ordinal);
        var hosts = former.Select(HostOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var mayBeNew = !isPrivate || fromFile || former.Count == 0;
        var seen = new HashSet<string>(former, StringComparer.Ordinal);
        var fresh = Tiers(added, url => (mayBeNew || hosts.Contains(HostOf(url))) && seen.Add(url));
        if (fresh.Count == 0)
        {
            return null;
        }

        var stays = added.SelectMany(static tier => tier).ToHashSet(StringComparer.Ordinal);
        var renewed = fresh.SelectMany(static tier => tier).Select(HostOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var kept = Tiers(known, url => !isPrivate || stays.Contains(url) || !renewed.Contains(HostOf(url)));
        var left = MaxTrackers;
        return Tiers([.. fresh, .. kept], _ => left-- > 0);
    }

    private static List<IReadOnlyList<string>> Tiers(IReadOnlyList<IReadOnlyList<string>> tiers, Func<string, bool> keep)
    {
        return [.. tiers.Select(tier => (IReadOnlyList<string>)[.. tier.Where(keep)]).Where(static tier => tier.Count > 0)];
    }

    private static string HostOf(string url)
    {
        return Uri.TryCreate(url, UriKind.Absolute, out var uri) ? uri.IdnHost : url;
    }
}
