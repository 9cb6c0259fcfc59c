using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.Swarms;
using Distribyted.BitTorrent.Tests.Peers;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class PieceOffersTests
{
    private PeerStand _stand = null!;

    [SetUp]
    public void Open()
    {
        _stand = new PeerStand();
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _stand.DisposeAsync();
    }

    // Each peer: the pieces that it has in the order in which it announced them, then "!" when it offers the last two of them. Pieces that are here.
    [TestCase("", "", ExpectedResult = "", TestName = "Offers_of_no_peer")]
    [TestCase("12", "", ExpectedResult = "", TestName = "Offers_of_a_peer_that_offers_none")]
    [TestCase("1!", "", ExpectedResult = "1", TestName = "Offers_of_one_piece")]
    [TestCase("12!", "", ExpectedResult = "2 1", TestName = "Offers_of_two_pieces_newest_first")]
    [TestCase("123!", "", ExpectedResult = "3 2", TestName = "Offers_of_three_pieces_are_the_last_two")]
    [TestCase("12!", "2", ExpectedResult = "1", TestName = "Offers_of_a_piece_that_is_here")]
    [TestCase("12!", "12", ExpectedResult = "", TestName = "Offers_of_pieces_that_are_here")]
    [TestCase("12! 2", "", ExpectedResult = "1", TestName = "Offers_of_a_piece_that_another_peer_has")]
    [TestCase("1! 1!", "", ExpectedResult = "", TestName = "Offers_of_the_same_piece_by_two_peers")]
    [TestCase("1! 2!", "", ExpectedResult = "1 2", TestName = "Offers_of_two_peers")]
    [TestCase("12! 34!", "", ExpectedResult = "2 1", TestName = "Offers_are_two_at_most")]
    [TestCase("12! 34!", "2", ExpectedResult = "1 4", TestName = "Offers_are_filled_up_from_the_next_peer")]
    [TestCase("122!", "", ExpectedResult = "2 1", TestName = "Offers_of_a_piece_that_is_announced_again_are_one")]
    [TestCase("121!", "", ExpectedResult = "1 2", TestName = "Offers_of_a_piece_that_is_announced_again_later_come_first")]
    [TestCase("0!", "", ExpectedResult = "0", TestName = "Offers_of_the_first_piece")]
    [TestCase("1! ?", "", ExpectedResult = "1", TestName = "Offers_while_another_peer_has_not_said_what_it_has")]
    public string Offers(string peers, string here)
    {
        var connected = peers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Connect).ToList();

        var chosen = PieceOffers.Choose(connected, piece => here.Contains((char)('0' + piece), StringComparison.Ordinal));

        return string.Join(' ', chosen);
    }

    private Peer Connect(string text)
    {
        var peer = _stand.Connect(new ExtensionHandshake());
        if (text == "?")
        {
            return peer;
        }

        peer.Have = new Bitfield(10);
        foreach (var piece in text.TrimEnd('!').Select(static c => c - '0'))
        {
            peer.Have[piece] = true;
            peer.Offers = text.EndsWith('!') ? peer.Offers.With(piece) : peer.Offers;
        }

        return peer;
    }
}
