namespace Distribyted.BitTorrent.Discovery.Trackers.Queueing;

/// <summary>Which announce goes first when there are more than may be sent: those of <see cref="PeerUrgency"/>, and <c>stopped</c>. A higher value goes first.</summary>
internal enum AnnounceUrgency
{
    /// <inheritdoc cref="PeerUrgency.Regular"/>
    Regular = PeerUrgency.Regular,

    /// <inheritdoc cref="PeerUrgency.Pending"/>
    Pending = PeerUrgency.Pending,

    /// <inheritdoc cref="PeerUrgency.Reader"/>
    Reader = PeerUrgency.Reader,

    /// <summary><c>stopped</c>, perhaps while the program ends: as many as fit in seconds, so the rate does not count.</summary>
    Stopped,
}
