namespace Distribyted.BitTorrent.Discovery.PortMapping.Gateways;

/// <summary>Notices by the clock that a gateway sends with each answer, its epoch, that it has restarted and lost its mappings (RFC 6887, section 8.5; RFC 6886,
/// section 3.6). For one gateway. Safe for use by many threads.</summary>
internal sealed class EpochCheck
{
    private readonly Lock _lock = new();
    private (uint Epoch, TimeSpan At)? _last; // guarded by _lock

    /// <summary>Takes the epoch of one answer.</summary>
    /// <param name="epoch">Seconds since the gateway's table of mappings was empty.</param>
    /// <param name="now">Our own clock, which only goes forward.</param>
    /// <returns>Whether mappings that were made before are lost.</returns>
    public bool Take(uint epoch, TimeSpan now)
    {
        (uint Epoch, TimeSpan At)? last;
        lock (_lock)
        {
            last = _last;
            _last = (epoch, now);
        }

        if (last is not { Epoch: var before, At: var at })
        {
            return false;
        }

        if (epoch + 1L < before) // packets may overtake each other by one second
        {
            return true;
        }

        var ours = (now - at).TotalSeconds;
        var theirs = (double)epoch - before;
        return ours + 2 < theirs - (theirs / 16) || theirs + 2 < ours - (ours / 16);
    }
}
