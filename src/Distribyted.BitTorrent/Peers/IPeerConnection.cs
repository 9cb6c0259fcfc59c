namespace Distribyted.BitTorrent.Peers;

/// <summary>What a swarm does with the connection of a peer, whatever is at its other end. Safe for use by many threads.</summary>
internal interface IPeerConnection : IDisposable
{
    bool IsClosed { get; }

    /// <summary>Sends what is in the peer's outbox. Never blocks; never called under the swarm's lock.</summary>
    void Flush();

    /// <summary>Makes the end of the connection known to the other side at once.</summary>
    void AbortOnDispose();

    /// <summary>Under the swarm's lock: from now on the connection ends when the other side gives no sign of life within seconds.</summary>
    void Probe(long now);

    /// <summary>Under the swarm's lock, once a second.</summary>
    /// <returns>Whether more bytes of something that is not whole are here than at the last look.</returns>
    bool Look(long now);
}
