using Distribyted.BitTorrent.Peers;
using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Scheduling;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.BitTorrent.Swarms;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Tests.Swarms;

internal sealed class OpenPiecesTests
{
    private const int BlocksOfPiece = SwarmStand.PieceLength / PieceLayout.BlockLength;

    private readonly byte[] _batch = new byte[8 * PieceLayout.BlockLength];
    private BlockClaims _claims = null!;
    private SwarmStand _stand = null!;
    private OpenPieces _pieces = null!;
    private Peer _peer = null!;

    [TearDown]
    public async Task CloseAsync()
    {
        await _stand.DisposeAsync();
    }

    // How many blocks of a long and of a short piece come in one batch: how often the lock is taken for them.
    [TestCase(3, 0, true, ExpectedResult = 1, TestName = "A_long_piece_is_reported_once_for_a_batch")]
    [TestCase(3, 0, false, ExpectedResult = 0, TestName = "A_short_piece_is_not_reported_before_it_is_whole")]
    [TestCase(2, 2, true, ExpectedResult = 2, TestName = "Each_long_piece_of_a_batch_is_reported")]
    public int Reports(int first, int second, bool isLong)
    {
        Open(isLong);
        Claim(Opened(0), first);
        Claim(Opened(1), second);

        var before = _stand.Runs;

        _pieces.Fill(_peer, _batch, _claims);

        return _stand.Runs - before;
    }

    [Test]
    public void The_last_block_wakes_who_waits_for_the_piece()
    {
        Open(isLong: false);
        var wait = Blocked(0);
        Claim(Opened(0), BlocksOfPiece);

        _pieces.Fill(_peer, _batch, _claims);

        Assert.That(wait.IsCompletedSuccessfully);
        Assert.That(IsOpen(0), Is.False);
    }

    [Test]
    public void A_piece_that_was_closed_meanwhile_still_wakes_who_waits_for_it()
    {
        Open(isLong: false);
        var wait = Blocked(0);
        Claim(Opened(0), BlocksOfPiece);
        Close(0);

        _pieces.Fill(_peer, _batch, _claims);

        Assert.That(wait.IsCompletedSuccessfully);
    }

    // Another piece of the same number is open by now: it is not closed for what happened to the first.
    [TestCase(PieceProgress.Verified)]
    [TestCase(PieceProgress.Failed)]
    [TestCase(PieceProgress.RefusedByDisk)]
    public void The_end_of_a_piece_leaves_one_that_was_opened_after_it(PieceProgress end)
    {
        Open(isLong: false, end);
        Claim(Opened(0), BlocksOfPiece);
        Close(0);
        var next = Opened(0);

        _pieces.Fill(_peer, _batch, _claims);

        Assert.That((IsOpen(0), next.IsDiscarded), Is.EqualTo((true, false)));
    }

    [Test]
    public void Who_alone_sent_a_wrong_piece_is_banned_and_closed()
    {
        Open(isLong: false, PieceProgress.Failed);
        Claim(Opened(0), BlocksOfPiece);

        _pieces.Fill(_peer, _batch, _claims);

        Assert.That(_stand.Services.Peers.Bans.IsBanned(_peer.Remote, _stand.InfoHash));
        Assert.That(_peer.IsClosed);
        Assert.That(IsOpen(0), "it is asked for again");
    }

    [Test]
    public void A_piece_that_the_disk_refuses_is_given_up()
    {
        Open(isLong: false, PieceProgress.RefusedByDisk);
        var piece = Opened(0);
        Claim(piece, BlocksOfPiece);

        _pieces.Fill(_peer, _batch, _claims);

        Assert.That((IsOpen(0), piece.IsDiscarded), Is.EqualTo((false, true)));
        Assert.That(_stand.Services.Peers.Bans.IsBanned(_peer.Remote, _stand.InfoHash), Is.False);
    }

    [Test]
    public void A_piece_that_never_fits_fails_who_waits_for_it()
    {
        Open(isLong: false);
        var wait = Blocked(0);
        _stand.Pieces.Opening = static _ => new PieceOpening(null, BytesNeeded: 2, BytesOfCache: 1);

        Assert.That(TryOpen(0), Is.False);
        Assert.That((wait.Exception?.InnerException as TorrentException)?.Failure, Is.EqualTo(TorrentFailure.NoSpace));
    }

    private void Open(bool isLong, PieceProgress end = PieceProgress.Verified)
    {
        var pieceLength = isLong ? 2.MiB() : SwarmStand.PieceLength;
        _stand = new SwarmStand(pieces: 4, pieceLength: pieceLength);
        _stand.Pieces.Opening = piece => new PieceOpening(new CountedPiece(piece, pieceLength / PieceLayout.BlockLength, end));
        _pieces = new OpenPieces(_stand.State, _stand.Readers, new PeerBlame(_stand.State, _stand.Peers, new PeerCandidates()));
        _claims = new BlockClaims(8);
        using var section = _stand.Enter();
        _peer = _stand.Join();
    }

    private CountedPiece Opened(int piece)
    {
        CountedPiece? opened = null;
        var open = _stand.Pieces.Opening!;
        _stand.Pieces.Opening = number =>
        {
            var opening = open(number);
            opened = (CountedPiece)opening.Piece!;
            return opening;
        };
        Assert.That(TryOpen(piece));
        _stand.Pieces.Opening = open;
        return opened!;
    }

    private bool TryOpen(int piece)
    {
        using var section = _stand.Enter();
        return ((IPieceAdmission)_pieces).TryOpen(piece, urgent: false);
    }

    private bool IsOpen(int piece)
    {
        using var section = _stand.Enter();
        return _pieces.Contains(piece);
    }

    private void Close(int piece)
    {
        using var section = _stand.Enter();
        _pieces.Close(piece);
    }

    private Task Blocked(int piece)
    {
        ReaderDemand reader;
        using (var section = _stand.Enter())
        {
            reader = _stand.Readers.Open(0, 4 * SwarmStand.PieceLength, 0, null, section.Now);
            _ = _stand.Readers.Block(reader, piece, (long)piece * SwarmStand.PieceLength, section.Now);
        }

        return reader.Waiter!.Task;
    }

    private void Claim(CountedPiece piece, int blocks)
    {
        for (var i = 0; i < blocks; i++)
        {
            _claims.Add(piece, i, _batch.AsSpan(i * PieceLayout.BlockLength, PieceLayout.BlockLength), _batch);
        }
    }
}
