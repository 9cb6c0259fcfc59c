using Distribyted.BitTorrent.Peers;

namespace Distribyted.BitTorrent.Swarms;

/// <summary>Which pieces are taken because peers offer nothing else: seeds that pretend to have nothing and show one piece after the other (BEP 16).</summary>
/// <remarks>Who does not take what such a seed offers is never shown anything else (libtorrent#8355, anacrolix/torrent#1104).</remarks>
internal static class PieceOffers
{
    /// <summary>Offers that are taken at the same time: libtorrent shows two to each peer.</summary>
    public const int AtOnce = 2;

    /// <summary>Offered pieces that are not here and that no other connected peer has: those come from no other.</summary>
    /// <param name="peers">Who is connected.</param>
    /// <param name="isHere">Whether we have a piece.</param>
    public static List<int> Choose(IReadOnlyList<Peer> peers, Func<int, bool> isHere)
    {
        var chosen = new List<int>(AtOnce);
        foreach (var peer in peers)
        {
            foreach (var piece in (ReadOnlySpan<int>)[peer.Offers.Last, peer.Offers.Before])
            {
                if (chosen.Count < AtOnce && piece >= 0 && !isHere(piece) && peers.Count(p => p.Have?[piece] == true) == 1)
                {
                    chosen.Add(piece);
                }
            }
        }

        return chosen;
    }
}
