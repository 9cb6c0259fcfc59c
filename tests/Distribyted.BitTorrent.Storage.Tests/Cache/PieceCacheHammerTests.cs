using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Cache;

[TestFixture, CancelAfter(60_000)]
internal sealed class PieceCacheHammerTests : StorageFixture
{
    [TestCase(256 * 1024, true)]
    [TestCase(1024 * 1024, true)]
    [TestCase(1024 * 1024, false)]
    [TestCase(100_000, false)]
    public async Task Sixteen_readers_of_a_cache_a_quarter_of_the_torrent_read_true_bytes_within_the_limit(
        int pieceLength,
        bool pins,
        CancellationToken cancellationToken
    )
    {
        var limit = 24.MiB();
        var content = new TestContent(96.MiB(), pieceLength);
        var options = Options(limit, pieceMemory: 16.MiB(), hotCache: 4.MiB()) with { PinSlotsFrom = pins ? 0 : long.MaxValue };
        await using var cache = await OpenAsync(options, cancellationToken);
        var swarm = new FakeSwarm(content);
        using var pieces = cache.Attach(content.Info, swarm);
        swarm.Pieces = pieces;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var largest = 0L;
        var sampling = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    largest = Math.Max(largest, SizeOf(Path.Combine(Folder, "pieces")));
                    Assert.That(cache.Pool.PieceMemoryUsed, Is.LessThanOrEqualTo(16.MiB()));
                    Assert.That(cache.Pool.HotUsed, Is.LessThanOrEqualTo(4.MiB()));
                    await Task.Yield();
                }
            },
            CancellationToken.None
        );

        await Task.WhenAll(Enumerable.Range(0, 16).Select(reader => Task.Run(() => swarm.ReadAsync(reader, 4.MiB(), cancellationToken))));
        await stop.CancelAsync();
        await sampling;
        largest = Math.Max(largest, SizeOf(Path.Combine(Folder, "pieces")));

        Assert.That(largest, Is.LessThanOrEqualTo(limit));
        Assert.That(largest, Is.GreaterThan(limit / 2), "it was really used");
        Assert.That(cache.Pool.Allocated, Is.LessThanOrEqualTo(20.MiB() + 2.MiB()));
    }

    [Test]
    public async Task Everything_stored_at_the_end_is_what_the_cache_says(CancellationToken cancellationToken)
    {
        var content = new TestContent(48.MiB(), 128.KiB());
        var stored = new List<int>();
        var options = Options(16.MiB(), pieceMemory: 16.MiB());
        await using (var cache = await OpenAsync(options, cancellationToken))
        {
            var swarm = new FakeSwarm(content);
            using var pieces = cache.Attach(content.Info, swarm);
            swarm.Pieces = pieces;
            await Task.WhenAll(
                Enumerable.Range(0, 4).Select(reader => Task.Run(() => swarm.ReadAsync(reader, 8.MiB(), cancellationToken)))
            );
            await cache.DisposeAsync();
            stored.AddRange(Enumerable.Range(0, content.Layout.PieceCount).Where(pieces.IsStored));
        }

        await using var again = await OpenAsync(options, cancellationToken);
        using var found = again.Attach(content.Info, new RecordedEvents());

        Assert.That(Enumerable.Range(0, content.Layout.PieceCount).Where(found.IsStored), Is.EqualTo(stored));
        Assert.That(stored, Is.Not.Empty);
        foreach (var piece in stored)
        {
            Assert.That(await content.ReadsTrueAsync(found, piece, cancellationToken));
        }
    }

    /// <summary>Readers that fetch what they miss, as a swarm would: the piece under a blocked reader first, then a window ahead.</summary>
    private sealed class FakeSwarm(TestContent content) : IPieceEvents
    {
        private readonly Lock _gate = new();
        private readonly HashSet<int> _open = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ITorrentPieces Pieces { get; set; } = null!;

        public void PieceStored(int piece) { }

        public void PieceGone(int piece)
        {
            Change();
        }

        public void SpaceFreed()
        {
            Change();
        }

        public void SpaceWanted(bool isOverdue) { }

        public async Task ReadAsync(int reader, int bytes, CancellationToken cancellationToken)
        {
            var random = new Random(reader);
            var layout = content.Layout;
            var buffer = new byte[64.KiB()];
            for (var done = 0; done < bytes; )
            {
                var offset = random.NextInt64(layout.TotalLength);
                for (var run = 0; run < 1.MiB() && offset < layout.TotalLength; )
                {
                    var piece = layout.PieceAt(offset);
                    var last = layout.PieceAt(Math.Min(layout.TotalLength - 1, offset + 512.KiB()));
                    Pieces.SetWindow(reader, piece, last);
                    var count = await ReadOnceAsync(piece, (int)(offset - layout.StartOf(piece)), buffer, cancellationToken);
                    Assert.That(buffer.AsSpan(0, count).SequenceEqual(content.Bytes.AsSpan((int)offset, count)));
                    for (var ahead = piece + 1; ahead <= last; ahead++)
                    {
                        TryFetch(ahead, urgent: false);
                    }

                    Pieces.Touch(piece);
                    offset += count;
                    run += count;
                    done += count;
                }
            }

            Pieces.ClearWindow(reader);
        }

        private async Task<int> ReadOnceAsync(int piece, int offset, byte[] buffer, CancellationToken cancellationToken)
        {
            Pieces.Pin(piece);
            try
            {
                while (true)
                {
                    Task changed;
                    lock (_gate)
                    {
                        changed = _changed.Task;
                    }

                    var count = ReadPinned(piece, offset, buffer);
                    count = count > 0 ? count : await Pieces.ReadAsync(piece, offset, buffer, cancellationToken);
                    if (count > 0)
                    {
                        return count;
                    }

                    if (!TryFetch(piece, urgent: true) && !Pieces.Has(piece))
                    {
                        await changed.WaitAsync(cancellationToken);
                    }
                }
            }
            finally
            {
                Pieces.Unpin(piece);
            }
        }

        private int ReadPinned(int piece, int offset, byte[] buffer)
        {
            var pinned = Pieces.PinBytes(piece, offset, buffer.Length);
            if (pinned.File is { } file)
            {
                RandomAccess.Read(file, buffer.AsSpan(0, pinned.Length), pinned.Position);
            }
            else
            {
                pinned.Memory.CopyTo(buffer);
            }

            pinned.Pin?.Dispose();
            return pinned.Length;
        }

        private bool TryFetch(int piece, bool urgent)
        {
            OpenPiece? open;
            lock (_gate)
            {
                if (Pieces.Has(piece) || !_open.Add(piece))
                {
                    return false;
                }

                open = Pieces.TryOpen(piece, urgent).Piece;
                if (open is null)
                {
                    _open.Remove(piece);
                    return false;
                }
            }

            Assert.That(content.Fill(open), Is.EqualTo(PieceProgress.Verified));
            lock (_gate)
            {
                _open.Remove(piece);
            }

            Change();
            return true;
        }

        private void Change()
        {
            TaskCompletionSource changed;
            lock (_gate)
            {
                changed = _changed;
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            changed.SetResult();
        }
    }
}
