using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Swarms;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class UploadsTests
{
    private static readonly UploadRequest Block = new(0, 0, PieceLayout.BlockLength);

    private SwarmStand _stand = null!;

    [SetUp]
    public void Open()
    {
        _stand = new SwarmStand(pieces: 4);
        _stand.Pieces.Here.Add(0);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _stand.DisposeAsync();
    }

    // A request of an unchoked peer: the piece is stored, it speaks BEP 6; whether it is queued, and what the peer is told.
    [TestCase(true, true, true, "", TestName = "A_request_for_a_stored_piece_is_queued")]
    [TestCase(false, true, false, "Reject", TestName = "A_request_for_an_evicted_piece_is_rejected")]
    [TestCase(false, false, false, "Choke", TestName = "Without_BEP_6_only_a_choke_says_that_a_request_is_not_answered")]
    public void A_request(bool isStored, bool isFast, bool isQueued, string told)
    {
        using var section = _stand.Enter();
        var uploads = Uploads();
        var peer = _stand.Join(isFast);
        uploads.PeerInterested(peer, 0);
        Assert.That(Told(peer), Is.EqualTo("Unchoke"));

        uploads.Requested(peer, Block with { Piece = isStored ? 0 : 1 }, 0);

        Assert.That(peer.Outbox.HasUploads, Is.EqualTo(isQueued));
        Assert.That(Told(peer), Is.EqualTo(told));
    }

    [Test]
    public void A_request_of_a_choked_peer_is_rejected()
    {
        using var section = _stand.Enter();
        var peer = _stand.Join(isFast: true);

        Uploads().Requested(peer, Block, 0);

        Assert.That(peer.Outbox.HasUploads, Is.False);
        Assert.That(Told(peer), Is.EqualTo("Reject"));
    }

    [Test]
    public void A_request_for_bytes_beyond_the_torrent_breaks_the_protocol()
    {
        using var section = _stand.Enter();
        var peer = _stand.Join();

        Assert.That(() => Uploads().Requested(peer, Block with { Piece = 4 }, 0), Throws.TypeOf<ProtocolException>());
    }

    [Test]
    public void A_choke_is_followed_by_rejects_of_what_was_queued()
    {
        using var section = _stand.Enter();
        var uploads = Uploads();
        var peer = _stand.Join(isFast: true);
        uploads.PeerInterested(peer, 0);
        uploads.Requested(peer, Block, 0);
        uploads.Requested(peer, Block with { Offset = PieceLayout.BlockLength }, 0);
        Told(peer);

        uploads.PeerNotInterested(peer, 0);

        Assert.That(Told(peer), Is.EqualTo("Choke Reject Reject"));
        Assert.That(peer.Outbox.HasUploads, Is.False);
    }

    [Test]
    public void A_cancelled_request_is_rejected_once()
    {
        using var section = _stand.Enter();
        var uploads = Uploads();
        var peer = _stand.Join(isFast: true);
        uploads.PeerInterested(peer, 0);
        uploads.Requested(peer, Block, 0);
        Told(peer);

        uploads.Cancelled(peer, Block);
        uploads.Cancelled(peer, Block);

        Assert.That(Told(peer), Is.EqualTo("Reject"));
    }

    // seed, shared folder, a reader is open, the peer gave something
    [TestCase(true, false, false, false, ExpectedResult = true, TestName = "Who_seeds_gives_to_everyone")]
    [TestCase(false, false, false, false, ExpectedResult = false, TestName = "Who_does_not_seed_gives_nothing")]
    [TestCase(false, true, false, false, ExpectedResult = true, TestName = "A_shared_folder_is_given_to_everyone")]
    [TestCase(false, false, true, false, ExpectedResult = false, TestName = "While_reading_who_gives_nothing_gets_nothing")]
    [TestCase(false, false, true, true, ExpectedResult = true, TestName = "While_reading_who_gives_gets_something")]
    [TestCase(false, false, false, true, ExpectedResult = false, TestName = "When_reading_is_over_who_gave_gets_nothing")]
    public bool Who_may_have_pieces(bool seed, bool isShared, bool isReading, bool gave)
    {
        _stand.Services.Options.Seed = seed;
        _stand.IsShared = isShared;
        using var section = _stand.Enter();
        var peer = _stand.Join();
        peer.Downloaded = gave ? 1 : 0;
        if (isReading)
        {
            _stand.Readers.Open(0, SwarmStand.PieceLength, 0, null, 0);
        }

        return Uploads().MayUploadTo(peer);
    }

    private Uploads Uploads()
    {
        return new Uploads(_stand.State, _stand.Peers, _stand.Readers);
    }

    private static string Told(Peer peer)
    {
        return string.Join(' ', SwarmStand.SentTo(peer));
    }
}
