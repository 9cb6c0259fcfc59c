namespace Distribyted.BitTorrent.Swarms;

/// <summary>Decides why a reader waits, and says it in one sentence. Pure. The sentence names no addresses: whoever may read sees it.</summary>
public static class WaitCauses
{
    /// <summary>The first reason without which the piece would come sooner.</summary>
    public static WaitCause Of(WaitFacts facts)
    {
        if (!facts.HasMetadata)
        {
            return WaitCause.MetadataMissing;
        }

        if (facts.LacksSpace)
        {
            return facts.IsDiskFull ? WaitCause.DiskFull : WaitCause.CacheFull;
        }

        if (facts.IsRateUsedUp)
        {
            return WaitCause.RateLimit;
        }

        return facts.BlocksInFlight > 0 ? OfAsked(facts)
            : facts.Peers == 0 ? OfNoPeers(facts)
            : facts.PeersWithPiece == 0 ? WaitCause.NoSeedHasPiece
            : facts.UnchokedWithPiece == 0 ? WaitCause.AllChoke
            : WaitCause.AboutToAsk;
    }

    /// <summary>The cause as one sentence for users.</summary>
    public static string Describe(WaitCause cause, WaitFacts facts)
    {
        return cause switch
        {
            WaitCause.None => "It does not wait.",
            WaitCause.MetadataMissing => facts.Peers switch
            {
                0 when facts.SourceTrouble is not null =>
                    $"The metadata of the torrent has not come; no peer is known: {facts.SourceTrouble}.",
                0 => "The metadata of the torrent has not come; no peer is connected yet.",
                1 => "The metadata of the torrent has not come; the one connected peer has not sent it.",
                _ => $"The metadata of the torrent has not come; none of the {facts.Peers} connected peers has sent it.",
            },
            WaitCause.DiskFull => $"The disk of the piece cache is full, so that piece {facts.Piece} cannot be begun.",
            WaitCause.CacheFull => facts.LacksMemory
                ? $"There is no memory to begin piece {facts.Piece}, because pieces of other readers are on their way; raise torrent.piece_memory."
                : $"The piece cache has no space for piece {facts.Piece}, because readers need what it holds; raise torrent.global_cache_size.",
            WaitCause.RateLimit => $"The download rate limit of {Rate(facts.RateLimit)} is used up.",
            WaitCause.OneSlowPeer => facts.PeersWithPiece > 1
                ? $"All of piece {facts.Piece} that is missing was asked of one peer, which sends {Rate(facts.AskedRate)}."
                : $"Only one peer has piece {facts.Piece}, and it sends {Rate(facts.AskedRate)}.",
            WaitCause.PeersSilent =>
                $"{Peers(facts.SilentPeers)} asked for piece {facts.Piece} and {(facts.SilentPeers == 1 ? "is" : "are")} silent.",
            WaitCause.Arriving => $"Piece {facts.Piece} is on its way from {facts.AskedPeers} peers, which send {Rate(facts.AskedRate)}.",
            WaitCause.SourcesFail => $"No peer is known: {facts.SourceTrouble}.",
            WaitCause.NoPeersKnown => "No peer is known yet; trackers and other sources are being asked.",
            WaitCause.Connecting => $"It is connecting to {Peers(facts.Dials, wasAsked: false)}.",
            WaitCause.ConnectionLimit =>
                "As many connections are open or being made as are allowed (torrent.max_connections, torrent.max_half_open).",
            WaitCause.PeersUnreachable =>
                $"{(facts.KnownPeers == 1 ? "One peer is" : $"{facts.KnownPeers} peers are")} known, and none can be connected to.",
            WaitCause.NoSeedHasPiece => facts.Peers == 1
                ? $"The one connected peer does not have piece {facts.Piece}."
                : $"None of the {facts.Peers} connected peers has piece {facts.Piece}.",
            WaitCause.AllChoke => facts.PeersWithPiece == 1
                ? $"The one peer that has piece {facts.Piece} chokes us: it gives to others first."
                : $"The {facts.PeersWithPiece} peers that have piece {facts.Piece} all choke us: they give to others first.",
            _ => $"Piece {facts.Piece} is about to be asked for.",
        };
    }

    private static WaitCause OfAsked(WaitFacts facts)
    {
        return facts.SilentPeers == facts.AskedPeers && facts.SilentPeers > 0 ? WaitCause.PeersSilent
            : facts.AskedPeers == 1 ? WaitCause.OneSlowPeer
            : WaitCause.Arriving;
    }

    private static WaitCause OfNoPeers(WaitFacts facts)
    {
        var isNewDial = facts.FailedPeers == 0 || facts.FailedPeers < facts.KnownPeers; // else it tries again what has failed before
        return facts.Dials > 0 && isNewDial ? WaitCause.Connecting
            : facts.IsHeldBack ? WaitCause.ConnectionLimit
            : facts.KnownPeers > 0 ? WaitCause.PeersUnreachable
            : facts.SourceTrouble is not null ? WaitCause.SourcesFail
            : WaitCause.NoPeersKnown;
    }

    private static string Peers(int count, bool wasAsked = true)
    {
        return count == 1 ? (wasAsked ? "One peer was" : "one peer") : (wasAsked ? $"{count} peers were" : $"{count} peers");
    }

    private static string Rate(long bytesPerSecond)
    {
        return bytesPerSecond >= 1_000_000
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytesPerSecond / 1e6:0.#} MB/s")
            : $"{bytesPerSecond / 1000} kB/s";
    }
}
