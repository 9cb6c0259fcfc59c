using System.Security.Cryptography;
using Distribyted.BitTorrent.Storage.Assembly;
using Distribyted.BitTorrent.Storage.Pieces;
using Distribyted.Testing;

namespace Distribyted.BitTorrent.Storage.Tests.Assembly;

[TestFixture]
internal sealed class PieceAssemblyTests
{
    [Test]
    public void Blocks_in_any_order_from_many_threads_give_one_verified_piece()
    {
        var destination = new Destination();
        var pool = new ExtentPool(64.MiB(), 0);
        for (var round = 0; round < 25; round++)
        {
            var bytes = Random(700_001, round);
            var piece = Open(bytes, pool, destination);
            var order = Enumerable.Range(0, 43).ToArray();
            new Random(round).Shuffle(order);
            var verified = 0;

            Parallel.ForEach(
                order,
                block =>
                {
                    if (piece.Fill(block, Block(bytes, block), block) == PieceProgress.Verified)
                    {
                        Interlocked.Increment(ref verified);
                    }
                }
            );

            Assert.That(verified, Is.EqualTo(1), $"round {round}");
            Assert.That(piece.HashedBlocks, Is.EqualTo(43));
            var read = new byte[bytes.Length];
            Assert.That(piece.Buffer.Read(0, read), Is.EqualTo(bytes.Length));
            Assert.That(read, Is.EqualTo(bytes));
            piece.Buffer.Release();
        }

        Assert.That(destination.VerifiedCount, Is.EqualTo(25));
    }

    [Test]
    public void A_wrong_block_fails_the_piece_and_the_true_one_names_the_liar()
    {
        var bytes = Random(100_000, 3);
        var piece = Open(bytes, new ExtentPool(1.MiB(), 0), new Destination());
        var wrong = Block(bytes, 2).ToArray();
        wrong[9]++;

        for (var block = 0; block < 6; block++)
        {
            Assert.That(piece.Fill(block, block == 2 ? wrong : Block(bytes, block), block), Is.EqualTo(PieceProgress.Filling));
        }

        Assert.That(piece.Fill(6, Block(bytes, 6), 5), Is.EqualTo(PieceProgress.Failed));
        Assert.That(piece.Sources, Is.EquivalentTo(new[] { 0L, 1, 2, 3, 4, 5 }));
        Assert.That(piece.HashedBlocks, Is.Zero);
        for (var block = 6; block > 0; block--)
        {
            piece.Fill(block, Block(bytes, block), 9);
        }

        Assert.That(piece.Fill(0, Block(bytes, 0), 9), Is.EqualTo(PieceProgress.Verified));
        Assert.That(piece.Liars, Is.EqualTo(new[] { 2L }));
    }

    [Test]
    public void Discarding_while_others_fill_returns_the_memory_once_and_never_too_early()
    {
        var destination = new Destination();
        var pool = new ExtentPool(64.MiB(), 0);
        var rounds = 0;
        for (; rounds < 60; rounds++)
        {
            var bytes = Random(600_000, rounds);
            var piece = Open(bytes, pool, destination);
            var neighbour = Open(bytes, pool, destination);

            Parallel.For(
                0,
                37,
                block =>
                {
                    if (block == 20)
                    {
                        piece.Discard();
                    }

                    piece.Fill(block, new byte[Block(bytes, block).Length], 1);
                    neighbour.Fill(block, Block(bytes, block), 2);
                }
            );

            piece.Discard();
            Assert.That(neighbour.HashedBlocks, Is.EqualTo(37));
            neighbour.Buffer.Release();
        }

        Assert.That(destination.VerifiedCount, Is.EqualTo(rounds), "the neighbours' memory was never written by a discarded piece");
        Assert.That(destination.DiscardedCount, Is.EqualTo(rounds));
        Assert.That(pool.Allocated, Is.LessThanOrEqualTo(2.MiB()));
    }

    [Test]
    public void Blocks_of_wrong_length_are_a_mistake_of_the_caller()
    {
        var piece = Open(Random(16385, 1), new ExtentPool(1.MiB(), 0), new Destination());

        Assert.Throws<ArgumentException>(() => piece.Fill(1, new byte[2], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => piece.Fill(2, new byte[1], 1));
    }

    [Test]
    public void Extents_of_all_sizes_never_overlap_and_memory_stays_within_the_budget()
    {
        var pool = new ExtentPool(16.MiB(), 0);
        var random = new Random(5);
        var held = new List<(Extent Extent, byte Mark)>();
        var taken = 0;
        for (var i = 0; i < 4_000; i++)
        {
            if (held.Count > 0 && (taken > 10.MiB() || random.Next(2) == 0))
            {
                var at = random.Next(held.Count);
                Assert.That(held[at].Extent.Span.IndexOfAnyExcept(held[at].Mark), Is.EqualTo(-1));
                taken -= held[at].Extent.Length;
                pool.Return(held[at].Extent);
                held.RemoveAt(at);
            }
            else
            {
                var extent = pool.Rent(random.Next(4) == 0 ? 256.KiB() : random.Next(1, 64.KiB()));
                var mark = (byte)random.Next(256);
                extent.Span.Fill(mark);
                taken += extent.Length;
                held.Add((extent, mark));
            }
        }

        Assert.That(pool.Allocated, Is.LessThanOrEqualTo(16.MiB()));
        var twice = held[0].Extent;
        pool.Return(twice);
        Assert.Throws<InvalidOperationException>(() => pool.Return(twice));
    }

    [Test]
    public void Keyed_hashes_differ_when_one_bit_does()
    {
        var block = Random(16384, 8);
        var before = KeyedHash.Compute(block);
        for (var i = 0; i < block.Length; i += 31)
        {
            block[i] ^= 1;
            Assert.That(KeyedHash.Compute(block), Is.Not.EqualTo(before));
            block[i] ^= 1;
        }

        Assert.That(KeyedHash.Compute(block), Is.EqualTo(before));
        Assert.That(KeyedHash.Compute(new byte[5]), Is.Not.EqualTo(KeyedHash.Compute(new byte[6])));
    }

    private static PieceAssembly Open(byte[] bytes, ExtentPool pool, Destination destination)
    {
        return new PieceAssembly(0, SHA1.HashData(bytes), new PieceBuffer(pool, bytes.Length, 0), spills: false, destination);
    }

    private static ReadOnlySpan<byte> Block(byte[] bytes, int block)
    {
        return bytes.AsSpan(block * 16384, Math.Min(16384, bytes.Length - (block * 16384)));
    }

    private static byte[] Random(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private sealed class Destination : IPieceDestination
    {
        private int _verified;
        private int _discarded;

        public int VerifiedCount => _verified;

        public int DiscardedCount => _discarded;

        public void Spill(PieceAssembly piece, int offset, ReadOnlySpan<byte> data)
        {
            throw new IOException("not in these tests");
        }

        public void Verified(PieceAssembly piece)
        {
            Interlocked.Increment(ref _verified);
        }

        public void Discarded(PieceAssembly piece)
        {
            Interlocked.Increment(ref _discarded);
        }
    }
}
