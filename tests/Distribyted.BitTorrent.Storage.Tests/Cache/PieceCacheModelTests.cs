using System.Globalization;
using CsCheck;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

[TestFixture]
internal sealed class PieceCacheModelTests : StorageFixture
{
    private enum Act
    {
        Fill,
        Discard,
        Read,
        Touch,
        Window,
        Reattach,
        Restart,
    }

    [Test]
    public async Task The_cache_never_says_more_or_less_than_a_list_of_what_happened()
    {
        var contents = new[] { new TestContent(6.MiB(), 100_000, 1), new TestContent(6.MiB(), 700_000, 2) };
        var round = 0;
        await Gen.Select(Gen.Enum<Act>(), Gen.Int[0, 1], Gen.Int[0, 60])
            .Array[1, 60]
            .SampleAsync(
                acts => RunAsync(contents, acts, Path.Combine(Folder, (round++).ToString(CultureInfo.InvariantCulture))),
                iter: 40,
                threads: 1
            );
    }

    /// <summary>The model: for each torrent the pieces that were verified and of which no event said that they are gone.</summary>
    private async Task RunAsync(TestContent[] contents, (Act, int, int)[] acts, string folder)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var cancellationToken = deadline.Token;
        var options = Options(6.MiB(), pieceMemory: 16.MiB(), hotCache: 1.MiB(), folder: folder);
        var cache = await OpenAsync(options, cancellationToken);
        var events = new RecordedEvents[2];
        var pieces = new ITorrentPieces[2];
        var model = new HashSet<int>[] { [], [] };
        Attach(0);
        Attach(1);
        foreach (var (act, torrent, number) in acts)
        {
            var content = contents[torrent];
            var piece = number % content.Layout.PieceCount;
            switch (act)
            {
                case Act.Fill:
                    if (pieces[torrent].TryOpen(piece, urgent: true).Piece is { } open)
                    {
                        Assert.That(pieces[torrent].Has(piece), Is.False, "a piece that is here was opened again");
                        model[torrent].Add(piece);
                        Assert.That(content.Fill(open), Is.EqualTo(PieceProgress.Verified));
                    }

                    break;
                case Act.Discard:
                    pieces[torrent].TryOpen(piece, urgent: false).Piece?.Discard();
                    break;
                case Act.Read:
                    var has = pieces[torrent].Has(piece);
                    Assert.That(await content.ReadsTrueAsync(pieces[torrent], piece, cancellationToken), Is.EqualTo(has));
                    break;
                case Act.Touch:
                    pieces[torrent].Touch(piece);
                    break;
                case Act.Window:
                    pieces[torrent].SetWindow(1, Math.Max(0, piece - 2), piece);
                    break;
                case Act.Reattach:
                    var before = Held(torrent);
                    pieces[torrent].Dispose();
                    Attach(torrent);
                    Assert.That(Held(torrent), Is.EqualTo(before));
                    break;
                case Act.Restart:
                    await cache.DisposeAsync();
                    int[][] stored = [Held(0), Held(1)];
                    cache = await OpenAsync(options, cancellationToken);
                    Attach(0);
                    Attach(1);
                    Assert.That(new[] { Held(0), Held(1) }, Is.EqualTo(stored));
                    break;
            }

            Assert.That(SizeOf(options.Folder), Is.LessThanOrEqualTo(6.MiB()));
            for (var i = 0; i < 2; i++)
            {
                Assert.That(Held(i), Is.SubsetOf(model[i]), "a piece that was never verified");
            }
        }

        await cache.DisposeAsync();

        int[] Held(int torrent)
        {
            return [.. Enumerable.Range(0, contents[torrent].Layout.PieceCount).Where(pieces[torrent].Has)];
        }

        void Attach(int torrent)
        {
            events[torrent] = new RecordedEvents();
            pieces[torrent] = cache.Attach(contents[torrent].Info, events[torrent]);
        }
    }
}
