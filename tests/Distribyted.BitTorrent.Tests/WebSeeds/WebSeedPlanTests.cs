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

    [Test]
    public void A_range_has_at_most_256_blocks()
    {
        var long_ = new PieceLayout(100L << 20, 1 << 20);
        var queue = new WebSeedQueue(long_);
        for (var i = 0; i < 300; i++)
        {
            queue.Add(new BlockRef(i / 64, i % 64));
        }

        Assert.That(Take(queue), Is.EqualTo("0+4194304 4194304+720896"));
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
        var range = new WebSeedRange([Block("0.0"), Block("0.1"), Block("0.2")], 0, 49152) { Received = 1 };

        Assert.That(range.Cancel(Block("0.0")), Is.False, "it has come");
        Assert.That(range.Cancel(Block("0.2")), Is.False);
        Assert.That(range.Cancel(Block("0.1")), Is.True);
    }

    private static string Take(WebSeedQueue queue)
    {
        var ranges = new List<string>();
        while (queue.Take() is { } range)
        {
            ranges.Add($"{range.Start}+{range.Length}");
        }

        return string.Join(' ', ranges);
    }

    private static BlockRef Block(string text)
    {
        var parts = text.Split('.');
        return new BlockRef(int.Parse(parts[0], null), int.Parse(parts[1], null));
    }
}
