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
