namespace Distribyted.BitTorrent.Scheduling;

/// <summary>How much may be asked for now.</summary>
/// <param name="UrgentBytes">Bytes that may be requested for urgent blocks (rate limit with its 20 % exemption).</param>
/// <param name="AheadBytes">Bytes that may be requested for read-ahead.</param>
public readonly record struct Grant(long UrgentBytes, long AheadBytes)
{
    /// <summary>No rate limit.</summary>
    public static Grant Unlimited => new(long.MaxValue, long.MaxValue);
}
