using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>A slab file that became shorter while the cache was open, and that the next write makes long again: the hole between them reads as zeros.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class ShortenedSlabTests : StorageFixture
{
    [Test]
    public async Task What_a_later_write_leaves_as_a_hole_is_fetched_again_and_never_served(CancellationToken cancellationToken)
    {
        var content = new TestContent(4 * 256.KiB(), 256.KiB());
        var options = Options(64.MiB());
        var events = new RecordedEvents();
        await using var cache = await OpenAsync(options, cancellationToken);
        using var pieces = cache.Attach(content.Info, events);
        pieces.SetWindow(1, 0, content.Layout.PieceCount - 1);
        for (var piece = 0; piece < content.Layout.PieceCount; piece++)
        {
            await FillAsync(content, pieces, events, piece, cancellationToken);
            Assert.That(await content.ReadsTrueAsync(pieces, piece, cancellationToken), "its bytes on disk count as right from now on");
        }

        var path = Path.Combine(options.Folder, "slab-0000");
        var length = new FileInfo(path).Length;
        using (var slab = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            slab.SetLength(0);
        }

        // The last piece is missed, and written anew where it was.
        Assert.That(await content.ReadsTrueAsync(pieces, 3, cancellationToken), Is.False);
        await events.WaitForAsync(static e => e.Gone.Contains(3), cancellationToken);
        await FillAsync(content, pieces, events, 3, cancellationToken);
        Assert.That(new FileInfo(path).Length, Is.EqualTo(length), "the others are a hole now");

        for (var piece = 0; piece < 3; piece++)
        {
            Assert.That(await content.ReadsTrueAsync(pieces, piece, cancellationToken), Is.False);
        }

        await events.WaitForAsync(static e => e.Gone.Order().SequenceEqual([0, 1, 2, 3]), cancellationToken);
        Assert.That(await content.ReadsTrueAsync(pieces, 3, cancellationToken));
    }

    // A piece that is longer than its memory is written while it is open, long before its hash is known.
    [Test]
    public async Task What_an_open_piece_wrote_before_a_slab_became_shorter_is_hashed_again(CancellationToken cancellationToken)
    {
        var content = new TestContent(12.MiB(), 6.MiB());
        var options = Options(64.MiB(), pieceMemory: 16.MiB());
        var events = new RecordedEvents();
        await using var cache = await OpenAsync(options, cancellationToken);
        using var pieces = cache.Attach(content.Info, events);
        pieces.SetWindow(1, 0, 1);
        await FillAsync(content, pieces, events, 0, cancellationToken);
        var open = pieces.TryOpen(1, urgent: true).Piece!;
        var (half, blocks) = (content.Layout.BlockCountOf(1) / 2, content.Layout.BlockCountOf(1));
        Fill(content, open, 0, half);

        using (var slab = new FileStream(Path.Combine(options.Folder, "slab-0000"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            slab.SetLength(0);
        }

        Assert.That(await content.ReadsTrueAsync(pieces, 0, cancellationToken), Is.False, "the short slab is found");
        Assert.That(Fill(content, open, half, blocks), Is.EqualTo(PieceProgress.Verified), "from the received bytes");
        await events.WaitForAsync(static e => e.Stored.Contains(1), cancellationToken);

        Assert.That(await content.ReadsTrueAsync(pieces, 1, cancellationToken), Is.False, "its first half is a hole");
        await events.WaitForAsync(static e => e.Gone.Contains(1), cancellationToken);
    }

    private static PieceProgress Fill(TestContent content, OpenPiece open, int from, int to)
    {
        var progress = PieceProgress.Filling;
        for (var block = from; block < to; block++)
        {
            progress = open.Fill(block, content.BlockOf(open.Piece, block), 1);
        }

        return progress;
    }

    private static async Task FillAsync(
        TestContent content,
        ITorrentPieces pieces,
        RecordedEvents events,
        int piece,
        CancellationToken cancellationToken
    )
    {
        Assert.That(content.Fill(pieces.TryOpen(piece, urgent: true).Piece!), Is.EqualTo(PieceProgress.Verified));
        await events.WaitForAsync(e => e.Stored.Contains(piece), cancellationToken);
    }
}
