namespace Distribyted.BitTorrent.Peers;

/// <summary>What is known of a connected peer when one has to be closed for others.</summary>
/// <param name="Age">Microseconds since it connected, or since we have been interested if that was later.</param>
/// <param name="HasSpoken">Whether it has said what it has (metadata or pieces).</param>
/// <param name="HasWanted">Whether it has some of what is wanted.</param>
/// <param name="IsChoking">Whether it refuses to give pieces.</param>
/// <param name="Downloaded">Payload bytes that it gave.</param>
/// <param name="Takes">Whether it is interested in our pieces, and may have them.</param>
internal readonly record struct PeerFacts(long Age, bool HasSpoken, bool HasWanted, bool IsChoking, long Downloaded, bool Takes)
{
    private const long Introduces = 5 * MonotonicClock.Second; // bitfield and extension handshake come at once, or with the first HAVE
    private const long Unchokes = 15 * MonotonicClock.Second; // a round of choking is ten seconds (BEP 3)

    /// <summary>What it is good for.</summary>
    public PeerUse UseFor(PeerWant want)
    {
        if (want == PeerWant.Nothing)
        {
            return Takes ? PeerUse.Takes : PeerUse.None;
        }

        if (!HasWanted)
        {
            return HasSpoken || Age >= Introduces ? PeerUse.None : PeerUse.Unknown;
        }

        if (want == PeerWant.Metadata || !IsChoking)
        {
            return PeerUse.Gives;
        }

        return Downloaded > 0 || Age < Unchokes ? PeerUse.MayGive : PeerUse.None;
    }
}
