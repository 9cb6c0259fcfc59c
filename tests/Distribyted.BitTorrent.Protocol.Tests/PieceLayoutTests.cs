using CsCheck;

namespace Distribyted.BitTorrent.Protocol.Tests;

public sealed class PieceLayoutTests
{
    [TestCase(1, 16384, 1, 1)]
    [TestCase(16383, 16384, 1, 16383)]
    [TestCase(16384, 16384, 1, 16384)]
    [TestCase(16385, 16384, 2, 1)]
    [TestCase(100_000, 30_000, 4, 10_000)]
    public void The_last_piece_may_be_short(long total, int pieceLength, int pieces, int last)
    {
        var layout = new PieceLayout(total, pieceLength);

        Assert.That((layout.PieceCount, layout.LengthOf(pieces - 1)), Is.EqualTo((pieces, last)));
    }

    [TestCase(0, 16384)]
    [TestCase(-1, 16384)]
    [TestCase(long.MinValue, 16384)]
    [TestCase((1L << 50) + 1, 64 << 20)]
    [TestCase(long.MaxValue, 64 << 20)]
    [TestCase(1, 1023)]
    [TestCase(1, 0)]
    [TestCase(1, long.MinValue)]
    [TestCase(1, (64L << 20) + 1)]
    [TestCase((2_000_000L * 1024) + 1, 1024)]
    public void What_no_torrent_has_is_refused(long total, long pieceLength)
    {
        Assert.That(() => new PieceLayout(total, pieceLength), Throws.TypeOf<ProtocolException>());
    }

    [TestCase(1, 1024)]
    [TestCase(1, 64 << 20)]
    [TestCase(2_000_000L * 1024, 1024)]
    [TestCase(2_000_000L * (64 << 20), 64 << 20)]
    public void The_limits_themselves_are_fine(long total, long pieceLength)
    {
        var layout = new PieceLayout(total, pieceLength);

        Assert.That(layout.StartOf(layout.PieceCount - 1) + layout.LengthOf(layout.PieceCount - 1), Is.EqualTo(total));
    }

    [Test]
    public void Blocks_fill_pieces_and_pieces_fill_the_torrent()
    {
        Gen.Select(Gen.Long[1, 3_000_000], Gen.Int[1024, 200_000])
            .Sample(
                static (total, pieceLength) =>
                {
                    var layout = new PieceLayout(total, pieceLength);
                    var sum = 0L;
                    for (var piece = 0; piece < layout.PieceCount; piece++)
                    {
                        Assert.That(layout.StartOf(piece), Is.EqualTo(sum));
                        Assert.That(layout.PieceAt(sum), Is.EqualTo(piece));
                        var blocks = 0;
                        for (var block = 0; block < layout.BlockCountOf(piece); block++)
                        {
                            blocks += layout.BlockLengthOf(piece, block);
                            Assert.That(layout.Contains(piece, block * PieceLayout.BlockLength, layout.BlockLengthOf(piece, block)));
                        }

                        Assert.That(blocks, Is.EqualTo(layout.LengthOf(piece)));
                        sum += blocks;
                    }

                    Assert.That(sum, Is.EqualTo(total));
                },
                iter: 100
            );
    }

    [TestCase(0, 0, 16384, true)]
    [TestCase(1, 0, 1, true)]
    [TestCase(1, 0, 2, false)]
    [TestCase(2, 0, 1, false)]
    [TestCase(-1, 0, 1, false)]
    [TestCase(0, -1, 1, false)]
    [TestCase(0, 0, 0, false)]
    [TestCase(0, 0, -1, false)]
    [TestCase(0, 16384, 1, false)]
    [TestCase(0, 16383, 1, true)]
    [TestCase(0, 1, 16384, false)]
    [TestCase(0, long.MaxValue, 1, false)]
    [TestCase(0, 1, long.MaxValue, false)]
    [TestCase(long.MaxValue, 1, 1, false)]
    [TestCase(0, long.MaxValue, long.MaxValue, false)]
    public void A_request_lies_inside_or_not(long piece, long offset, long length, bool isInside)
    {
        Assert.That(new PieceLayout(16385, 16384).Contains(piece, offset, length), Is.EqualTo(isInside));
    }
}
