namespace Distribyted.BitTorrent.Discovery.Dht;

/// <summary>What others send us that has no other effect than to be counted here. Safe for use by many threads.</summary>
internal sealed class DhtCounters
{
    private long _malformed;
    private long _blocked;
    private long _overBudget;
    private long _unasked;
    private long _wrongId;
    private long _wrongToken;
    private long _queries;

    /// <summary>Datagrams that are no DHT message.</summary>
    public long Malformed => Volatile.Read(ref _malformed);

    /// <summary>Datagrams of clients that asked too much.</summary>
    public long Blocked => Volatile.Read(ref _blocked);

    /// <summary>Queries that were not answered because there is no bandwidth left, or because the answer would be much longer than the question.</summary>
    public long OverBudget => Volatile.Read(ref _overBudget);

    /// <summary>Answers to what was not asked, or from another node.</summary>
    public long Unasked => Volatile.Read(ref _unasked);

    /// <summary>Answers of nodes with another id than others say.</summary>
    public long WrongId => Volatile.Read(ref _wrongId);

    /// <summary>Announces with a token that we did not give, or not to this address, or too long ago.</summary>
    public long WrongToken => Volatile.Read(ref _wrongToken);

    /// <summary>Queries of others.</summary>
    public long Queries => Volatile.Read(ref _queries);

    public void CountMalformed()
    {
        Interlocked.Increment(ref _malformed);
    }

    public void CountBlocked()
    {
        Interlocked.Increment(ref _blocked);
    }

    public void CountOverBudget()
    {
        Interlocked.Increment(ref _overBudget);
    }

    public void CountUnasked()
    {
        Interlocked.Increment(ref _unasked);
    }

    public void CountWrongId()
    {
        Interlocked.Increment(ref _wrongId);
    }

    public void CountWrongToken()
    {
        Interlocked.Increment(ref _wrongToken);
    }

    public void CountQuery()
    {
        Interlocked.Increment(ref _queries);
    }
}
