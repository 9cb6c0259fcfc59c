namespace Distribyted.BitTorrent.Discovery.Trackers.Tiers;

/// <summary>What users are shown of the trackers of a torrent. Pure.</summary>
internal static class TierReports
{
    public static IEnumerable<TrackerReport> Of(IReadOnlyList<TrackerTier> tiers, TimeSpan now)
    {
        for (var number = 0; number < tiers.Count; number++)
        {
            var tier = tiers[number];
            foreach (var tracker in tier.Trackers)
            {
                yield return new TrackerReport(
                    tracker.Address.Uri.ToString(),
                    number,
                    tier.IsExtra,
                    tracker.Announced != AnnouncedStage.None,
                    TroubleOf(tier, tracker),
                    tracker.Size,
                    tier.State == TierState.Asking,
                    tier.Health == TierHealth.Unknown ? null : now - tier.Asked,
                    tier is { State: TierState.Waiting, Due: { } due } ? Later(due - now) : null
                );
            }
        }
    }

    private static string? TroubleOf(TrackerTier tier, TrackerState tracker)
    {
        return tracker.RetryForbidden ? "it forbids further announces"
            : tracker.Warning is { } warning ? $"warns: {warning}"
            : tier.Health == TierHealth.Fails ? tier.Trouble
            : null;
    }

    private static TimeSpan Later(TimeSpan due)
    {
        return due > TimeSpan.Zero ? due : TimeSpan.Zero;
    }
}
