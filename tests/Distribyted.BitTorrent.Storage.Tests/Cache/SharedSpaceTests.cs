using System.Diagnostics;
using System.Globalization;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

/// <summary>Others keep bytes within the limit of the cache: what was used longest ago goes first, theirs or a piece.</summary>
[TestFixture, CancelAfter(60_000)]
internal sealed class SharedSpaceTests : StorageFixture
{
    private const int PieceLength = 256 * 1024;
    private const int Limit = 64 << 20;
    private const long Never = long.MaxValue;

    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task Others_get_space_of_pieces_and_the_disk_holds_no_more_than_the_limit(CancellationToken cancellationToken)
    {
        await using var cache = await OpenAsync(Options(Limit), cancellationToken, _time);
        var content = new TestContent(80 << 20, PieceLength);
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        await FillAsync(content, pieces, events, 0, content.Layout.PieceCount, cancellationToken);
        var full = cache.Usage.Filled;
        cache.Share(static () => Never, static () => false);

        using var first = cache.TryReserve(12 << 20);
        using var second = cache.TryReserve(12 << 20);
        var tooMuch = cache.TryReserve(12 << 20);

        Assert.That(
            (first is not null, second is not null, tooMuch is not null),
            Is.EqualTo((true, true, false)),
            "half of the limit at most"
        );
        Assert.That(cache.Usage.Filled, Is.InRange(full - (25 << 20), full - (23 << 20)));
        Assert.That(await OnDiskAsync(Folder, cancellationToken), Is.LessThan(Limit - (23 << 20)));
        first!.Dispose();
        second!.Dispose();
        first.Dispose();
        Assert.That(cache.Shared.Reserved, Is.Zero);
        await FillAsync(content, pieces, events, 0, content.Layout.PieceCount, cancellationToken);
        Assert.That(cache.Usage.Filled, Is.EqualTo(full));
        for (var piece = content.Layout.PieceCount - 100; piece < content.Layout.PieceCount; piece++)
        {
            Assert.That(await content.ReadsTrueAsync(pieces, piece, cancellationToken));
        }
    }

    [Test]
    public async Task Pieces_that_were_read_later_than_all_that_others_have_stay(CancellationToken cancellationToken)
    {
        await using var cache = await OpenAsync(Options(Limit), cancellationToken, _time);
        var content = new TestContent(80 << 20, PieceLength);
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        await FillAsync(content, pieces, events, 0, content.Layout.PieceCount, cancellationToken);
        _time.Advance(TimeSpan.FromMinutes(1));
        var oldest = _time.GetTimestamp();
        cache.Share(() => oldest, static () => false);
        _time.Advance(TimeSpan.FromMinutes(1));
        Touch(content, pieces);
        var full = cache.Usage.Filled;

        Assert.That(cache.TryReserve(4 << 20), Is.Null);
        Assert.That(cache.Usage.Filled, Is.EqualTo(full));

        oldest = _time.GetTimestamp() + 1;
        using var reserved = cache.TryReserve(4 << 20);
        Assert.That(reserved, Is.Not.Null);
        Assert.That(cache.Usage.Filled, Is.LessThan(full));
    }

    [Test]
    public async Task A_new_piece_gets_the_space_of_what_others_used_longest_ago(CancellationToken cancellationToken)
    {
        await using var cache = await OpenAsync(Options(Limit), cancellationToken, _time);
        var content = new TestContent(80 << 20, PieceLength);
        var events = new RecordedEvents();
        using var pieces = cache.Attach(content.Info, events);
        _time.Advance(TimeSpan.FromMinutes(1));
        var oldest = _time.GetTimestamp();
        var reserved = new Stack<IDisposable>([cache.TryReserve(4 << 20)!, cache.TryReserve(4 << 20)!]);
        cache.Share(
            () => Volatile.Read(ref oldest),
            () =>
            {
                var isThere = reserved.TryPop(out var space);
                space?.Dispose();
                Volatile.Write(ref oldest, reserved.Count > 0 ? oldest : Never);
                return isThere;
            }
        );
        _time.Advance(TimeSpan.FromMinutes(1));
        var last = (int)(cache.Usage.Capacity / PieceLength) - (8 << 20 >> 18); // a piece takes a slot
        await FillAsync(content, pieces, events, 0, last, cancellationToken);
        Touch(content, pieces);
        var stored = pieces.StoredCount;

        await FillAsync(content, pieces, events, last, last + 20, cancellationToken);

        Assert.That(reserved, Is.Empty);
        Assert.That(pieces.StoredCount, Is.EqualTo(stored + 20), "no piece was evicted");
    }

    private static void Touch(TestContent content, ITorrentPieces pieces)
    {
        for (var piece = 0; piece < content.Layout.PieceCount; piece++)
        {
            if (pieces.Has(piece))
            {
                pieces.Touch(piece);
            }
        }
    }

    private static async Task FillAsync(
        TestContent content,
        ITorrentPieces pieces,
        RecordedEvents events,
        int first,
        int end,
        CancellationToken cancellationToken
    )
    {
        for (var piece = first; piece < end; piece++)
        {
            while (!pieces.Has(piece))
            {
                var before = events.SpaceFreedCount;
                if (pieces.TryOpen(piece, urgent: true).Piece is { } open)
                {
                    Assert.That(content.Fill(open), Is.EqualTo(PieceProgress.Verified));
                    await Waiting.UntilAsync(() => pieces.IsStored(piece) || !pieces.Has(piece), () => $"{piece}", cancellationToken);
                }
                else
                {
                    await events.WaitForAsync(e => e.SpaceFreedCount > before, cancellationToken);
                }
            }
        }
    }

    private static async Task<long> OnDiskAsync(string folder, CancellationToken cancellationToken)
    {
        using var du = Process.Start(
            new ProcessStartInfo("du", ["-s", "--block-size=1", folder]) { RedirectStandardOutput = true, UseShellExecute = false }
        )!;
        var text = await du.StandardOutput.ReadToEndAsync(cancellationToken);
        await du.WaitForExitAsync(cancellationToken);
        return long.Parse(text.Split('\t')[0], CultureInfo.InvariantCulture);
    }
}
