namespace Distribyted.BitTorrent.WebSeeds;

/// <summary>A web seed does not give what was asked.</summary>
/// <param name="reason">Why, for users, without the address.</param>
/// <param name="isFinal">Whether asking again would be of no use.</param>
/// <param name="retryIn">When it wants to be asked again; null: it did not say.</param>
internal sealed class WebSeedException(string reason, bool isFinal, TimeSpan? retryIn = null) : IOException(reason)
{
    public bool IsFinal => isFinal;

    public TimeSpan? RetryIn => retryIn;
}
