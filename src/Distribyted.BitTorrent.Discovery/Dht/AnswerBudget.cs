namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>How many bytes are answered to others: 8 kB a second, as libtorrent's <c>dht_upload_rate_limit</c>. Those whose address is not proved share half of it.
/// Safe for use by many threads.</summary>
internal sealed class AnswerBudget
{
    /// <summary>Bytes a second, and at once.</summary>
    public const int Rate = 8000;

    private readonly Lock _lock = new();
    private double _level = Rate;
    private TimeSpan _at;

    /// <summary>Whether any answer could be sent now: else it need not be written.</summary>
    public bool MayAnswer(bool isProved, TimeSpan now)
    {
        return TryTake(0, isProved, now);
    }

    /// <summary>Takes the bytes of an answer.</summary>
    /// <returns>False: it is not sent.</returns>
    public bool TryTake(int bytes, bool isProved, TimeSpan now)
    {
        lock (_lock)
        {
            if (now > _at)
            {
                _level = Math.Min(Rate, _level + ((now - _at).TotalSeconds * Rate));
                _at = now;
            }

            if (_level - Math.Max(bytes, 1) < (isProved ? 0 : Rate / 2))
            {
                return false;
            }

            _level -= bytes;
            return true;
        }
    }
}
