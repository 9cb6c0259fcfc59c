namespace Distribyted.BitTorrent.Peers;

/// <summary>Who gives up a connection when all places are taken. Pure.</summary>
/// <remarks>Torrents of equal urgency share fairly, and so do a blocked reader and one that has what it needs. From less urgent ones a blocked reader takes
/// what it needs, and others leave them a few while they have as many themselves. A magnet that was just added gets a few although other torrents are
/// scanned for hours.</remarks>
internal static class ConnectionRules
{
    private const int Few = 4;
    private const int KeptWhenRecent = 8;

    /// <summary>The torrent that has to give up a place: the least urgent one, and of those the one with most. Null: none.</summary>
    public static SwarmShare? WhoGivesUp(SwarmShare claimant, IEnumerable<SwarmShare> holders)
    {
        var urgency = claimant.Urgency;
        SwarmShare? best = null;
        var order = (SwarmUrgency.Idle, 0);
        foreach (var holder in holders)
        {
            var its = (holder.Urgency, -holder.Connections);
            if (
                holder != claimant
                && (best is null || its.CompareTo(order) < 0)
                && MayTake(urgency, claimant.Connections, its.Urgency, holder.Connections)
            )
            {
                (best, order) = (holder, its);
            }
        }

        return best;
    }

    /// <summary>Whether one torrent may take a place of another.</summary>
    /// <param name="claimant">How urgently the first needs it.</param>
    /// <param name="has">Connections that the first has.</param>
    /// <param name="holder">How urgently the second needs its own.</param>
    /// <param name="holds">Connections that the second has.</param>
    public static bool MayTake(SwarmUrgency claimant, int has, SwarmUrgency holder, int holds)
    {
        return (claimant, holder) switch
        {
            (SwarmUrgency.Pending, SwarmUrgency.Recent) => holds > Math.Max(KeptWhenRecent, has + 1),
            _ when holder > claimant => false,
            (_, SwarmUrgency.Reading) => holds > has + 1,
            _ when holder == claimant => holds > has + 1,
            (SwarmUrgency.Blocked, _) => holds > 0,
            _ => holds > Math.Min(Few, has),
        };
    }
}
