namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>Whether nodes that we never wrote to can reach us. If not, our queries say so (read-only, BEP 43), and no node keeps us in a table in vain. Not safe for use by
/// many threads.</summary>
/// <remarks>It takes 15 minutes without any such query before we believe it. Since no node asks a read-only node, we try again after an hour.</remarks>
internal sealed class Reachability
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    public static readonly TimeSpan RetryAfter = TimeSpan.FromHours(1);

    private const int Enough = 2; // one may be the late question of a node that was forgotten

    private TimeSpan _since;
    private int _unasked;
    private bool _isWorking;

    /// <summary>Whether queries say that we are read-only.</summary>
    public bool IsReadOnly { get; private set; }

    /// <summary>A node answers our queries: the time begins to count.</summary>
    public void Working(TimeSpan now)
    {
        _since = _isWorking ? _since : now;
        _isWorking = true;
    }

    /// <summary>A query came from an address that we did not write to.</summary>
    public void ReceivedUnasked()
    {
        _unasked++;
        IsReadOnly &= _unasked < Enough;
    }

    /// <summary>Our network is another one.</summary>
    public void Reset(TimeSpan now)
    {
        _since = now;
        _unasked = 0;
        IsReadOnly = false;
    }

    /// <summary>Looks at the time; called once a minute.</summary>
    /// <returns>Whether we became read-only.</returns>
    public bool Check(TimeSpan now)
    {
        if (!_isWorking || now - _since < (IsReadOnly ? RetryAfter : Patience))
        {
            return false;
        }

        var becomes = !IsReadOnly && _unasked < Enough;
        Reset(now);
        IsReadOnly = becomes;
        return becomes;
    }
}
