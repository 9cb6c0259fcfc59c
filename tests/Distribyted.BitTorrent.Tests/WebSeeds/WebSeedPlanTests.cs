using Distribyted.BitTorrent.Protocol;
using Distribyted.BitTorrent.Protocol.Metainfo;
using Distribyted.BitTorrent.Protocol.Wire;
using Distribyted.BitTorrent.WebSeeds;

namespace Distribyted.BitTorrent.Tests.WebSeeds;

/// <summary>How blocks become ranges, and ranges parts of files.</summary>
internal sealed class WebSeedPlanTests
{
    private static readonly PieceLayout Layout = new(1_000_000, 65536); // 16 pieces of 4 blocks; the last has 16,960 bytes

    private static readonly TorrentFile[] Files =
    [
        new(["none"], 0, 0, TorrentFileAttributes.None),
        new(["a"], 100, 0, TorrentFileAttributes.None),
        new([".pad"], 50, 100, TorrentFileAttributes.Padding),
        new(["nothing"], 0, 150, TorrentFileAttributes.None),
        new(["link"], 0, 150, TorrentFileAttributes.SymbolicLink),
        new(["b"], 1000, 150, TorrentFileAttributes.None),
    ];

    [TestCase(0, 1, "1:0+1")]
    [TestCase(0, 100, "1:0+100")]
    [TestCase(0, 101, "1:0+100 2:0+1p")]
    [TestCase(99, 52, "1:99+1 2:0+50p 5:0+1")]
    [TestCase(100, 50, "2:0+50p")]
    [TestCase(149, 2, "2:49+1p 5:0+1")]
    [TestCase(150, 1000, "5:0+1000")]
    [TestCase(1149, 1, "5:999+1")]
    [TestCase(0, 1150, "1:0+100 2:0+50p 5:0+1000")]
    public void A_range_is_cut_where_files_end(long start, long length, string expected)
    {
        var parts = WebSeedParts.Of(Files, start, length).Select(p => $"{p.File}:{p.Offset}+{p.Length}{(p.IsPadding ? "p" : "")}");

        Assert.That(string.Join(' ', parts), Is.EqualTo(expected));
    }

    [TestCase("0.0", "0+16384")]
    [TestCase("0.0 0.1 0.2 0.3 1.0", "0+81920")]
    [TestCase("0.1 0.0", "16384+16384 0+16384")]
    [TestCase("0.0 5.0 0.1 5.1 0.2", "0+49152 327680+32768")]
    [TestCase("15.0 15.1", "983040+16960")]
    [TestCase("", "")]
    public void Blocks_that_follow_each_other_are_one_range(string asked, string expected)
    {
        var queue = new WebSeedQueue(Layout);
        foreach (var block in asked.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            queue.Add(Block(block));
        }

        Assert.That(Take(queue), Is.EqualTo(expected));
    }

    [TestCase("0.0", "0-65536", Description = "pieces are fetched whole")]
    [TestCase("0.2 0.3 1.0", "32768-131072")]
    [TestCase("0.0 | 1.0 | 3.0 | 7.0", "0-65536 65536-196608 196608-458752 458752-983040", Description = "reading on")]
    [TestCase("0.0 | 2.0 | 3.0", "0-65536 131072-196608 196608-327680", Description = "a jump begins anew")]
    [TestCase("0.0 | 1.0 | 1.1", "0-65536 65536-196608 81920-131072", Description = "one more in the middle")]
    [TestCase("12.0 | 13.0 | 15.0", "786432-851968 851968-983040 983040-1000000")]
    [TestCase("14.0 | 15.0", "917504-983040 983040-1000000")]
    public void A_range_reaches_further_the_longer_it_is_read_on(string asked, string expected)
    {
        var queue = new WebSeedQueue(Layout);
        var ranges = new List<string>();
        foreach (var turn in asked.Split(" | "))
        {
            foreach (var block in turn.Split(' '))
            {
                queue.Add(Block(block));
            }

            var range = queue.Take()!;
            ranges.Add($"{range.Start}-{range.Limit}");
        }

        Assert.That(string.Join(' ', ranges), Is.EqualTo(expected));
    }

    [Test]
    public void A_range_reaches_eight_MiB_at_most()
    {
        var queue = new WebSeedQueue(new PieceLayout(100L << 20, 1 << 20));
        var limit = 0L;
        for (var turn = 0; turn < 8; turn++)
        {
            queue.Add(new BlockRef((int)(limit >> 20), 0));
            limit = queue.Take()!.Limit;
        }

        Assert.That(limit >> 20, Is.EqualTo(1 + 2 + 4 + 8 + 8 + 8 + 8 + 8));
    }

    [Test]
    public void Blocks_that_follow_are_added_to_a_range_up_to_its_limit()
    {
        var queue = new WebSeedQueue(Layout);
        queue.Add(Block("0.1"));
        var range = queue.Take()!;

        Assert.That(queue.TryAdd(range, Block("0.3")), Is.False);
        Assert.That(queue.TryAdd(range, Block("0.0")), Is.False);
        Assert.That(queue.TryAdd(range, Block("0.2")), Is.True);
        Assert.That(queue.TryAdd(range, Block("0.3")), Is.True);
        Assert.That(queue.TryAdd(range, Block("1.0")), Is.False, "behind the limit");
        Assert.That(range.Missing.Length, Is.EqualTo(3));
    }

    [Test]
    public void What_is_cancelled_before_it_was_asked_leaves_a_gap()
    {
        var queue = new WebSeedQueue(Layout);
        queue.Add(Block("0.0"));
        queue.Add(Block("0.1"));
        queue.Add(Block("0.2"));

        Assert.That(queue.Remove(Block("0.1")), Is.True);
        Assert.That(queue.Remove(Block("0.1")), Is.False);
        Assert.That(Take(queue), Is.EqualTo("0+16384 32768+16384"));
    }

    [Test]
    public void A_range_is_given_up_when_nothing_missing_of_it_is_wanted()
    {
        var queue = new WebSeedQueue(Layout);
        queue.Add(Block("0.0"));
        queue.Add(Block("0.1"));
        queue.Add(Block("0.2"));
        var range = queue.Take()!;
        range.Receive(1);

        Assert.That(range.Cancel(Block("0.0")), Is.False, "it has come");
        Assert.That(range.Cancel(Block("0.2")), Is.False);
        Assert.That(range.TryRevive(Block("0.2")), Is.True);
        Assert.That(range.Cancel(Block("0.1")), Is.False);
        Assert.That(range.Cancel(Block("0.2")), Is.True);
        Assert.That(range.Close(), Is.EqualTo(new[] { Block("0.1"), Block("0.2") }));
        Assert.That(queue.TryAdd(range, Block("0.3")), Is.False);
    }

    private static string Take(WebSeedQueue queue)
    {
        var ranges = new List<string>();
        while (queue.Take() is { } range)
        {
            ranges.Add($"{range.Start}+{range.End - range.Start}");
        }

        return string.Join(' ', ranges);
    }

    private static BlockRef Block(string text)
    {
        var parts = text.Split('.');
        return new BlockRef(int.Parse(parts[0], null), int.Parse(parts[1], null));
    }
}
