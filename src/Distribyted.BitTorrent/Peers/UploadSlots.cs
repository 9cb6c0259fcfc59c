namespace Distribyted.BitTorrent.Peers;

/// <summary>How many peers of a torrent are unchoked at once, the optimistic one not counted.</summary>
internal static class UploadSlots
{
    private const int Unlimited = 8;
    private const int Most = 32;
    private const long SlowestShare = 16 * 1024; // bytes/s: a slot that gets less is of no use to anybody
    private const long WorthMore = 32 * 1024;

    /// <param name="setting"><c>upload_slots</c>; 0: by rate.</param>
    /// <param name="limit">The upload limit, bytes per second; 0: none.</param>
    /// <param name="sent">Bytes per second that the torrent has sent in the last round.</param>
    public static int Count(int setting, long limit, long sent)
    {
        return setting > 0 ? setting
            : limit > 0 ? (int)Math.Clamp(limit / SlowestShare, 1, Most)
            : (int)Math.Clamp(sent / WorthMore, Unlimited, Most);
    }
}
