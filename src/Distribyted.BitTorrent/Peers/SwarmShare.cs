namespace Distribyted.BitTorrent.Peers;

/// <summary>What an awake torrent has of the things that are limited for all torrents together: connections and dials under way.</summary>
/// <param name="giveUp">Called when it has to give up connections: closes as many as <see cref="ConnectionTable.OwedBy"/> says.</param>
/// <param name="dial">Called when it waited for a dial and may begin one now.</param>
/// <remarks>Both are called on a thread of the pool, without locks.</remarks>
internal sealed class SwarmShare(Action giveUp, Action dial)
{
    private int _urgency;

    /// <summary>Set by the swarm, read by everybody.</summary>
    public SwarmUrgency Urgency
    {
        get => (SwarmUrgency)Volatile.Read(ref _urgency);
        set => Volatile.Write(ref _urgency, (int)value);
    }

    /// <summary>Places that it has. Guarded by the <see cref="ConnectionTable"/>.</summary>
    public int Connections { get; set; }

    /// <summary>Connections that are open although their place has another one by now. Guarded by the <see cref="ConnectionTable"/>.</summary>
    public int Owed { get; set; }

    /// <summary>Dials under way. Guarded by the <see cref="DialSlots"/>.</summary>
    public int Dials { get; set; }

    /// <summary>Whether it waits for a slot. Guarded by the <see cref="DialSlots"/>.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>A slot that it waited for and has not used yet. Guarded by the <see cref="DialSlots"/>.</summary>
    public SwarmUrgency? Granted { get; set; }

    public void GiveUpLater()
    {
        ThreadPool.UnsafeQueueUserWorkItem(static give => give(), giveUp, preferLocal: false);
    }

    public void DialLater()
    {
        ThreadPool.UnsafeQueueUserWorkItem(static dial => dial(), dial, preferLocal: false);
    }
}
