using Distribyted.BitTorrent.Storage.Assembly;

namespace Distribyted.BitTorrent.Storage.Tests.Assembly;

/// <summary>Which sources are to blame when a piece is right at last. A digit is the hash of a block, a letter its source.</summary>
[TestFixture]
internal sealed class PieceBlameTests
{
    [TestCase("1111", "", "", TestName = "No attempt failed")]
    [TestCase("1111", "1121 aaba", "b", TestName = "One wrong block")]
    [TestCase("1111", "1111 abcd", "", TestName = "All blocks of the attempt were right")]
    [TestCase("1111", "2222 abcd", "abcd", TestName = "All blocks were wrong")]
    [TestCase("1111", "2211 aabb", "a", TestName = "A source is named once for two wrong blocks")]
    [TestCase("1111", "2111 abcd,1112 abcd", "ad", TestName = "Two attempts, two sources")]
    [TestCase("1111", "2111 abcd,2111 abcd", "a", TestName = "The same source in two attempts is named once")]
    [TestCase("1111", "2111 abcd,1111 abcd,1111 abcd,1111 abcd", "a", TestName = "The fourth attempt back is still known")]
    [TestCase("1111", "2111 abcd,1111 abcd,1111 abcd,1111 abcd,1121 abcd", "c", TestName = "The fifth attempt back is not")]
    public void Sources_of_wrong_blocks_are_found(string truth, string attempts, string expected)
    {
        var blame = new PieceBlame();
        foreach (var attempt in attempts.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = attempt.Split(' ');
            blame.Record([.. parts[0].Select(c => (ulong)c)], [.. parts[1].Select(c => (long)c)]);
        }

        var liars = blame.FindLiars(truth.Select(c => (ulong)c).ToArray());

        Assert.That(string.Concat(liars.Order().Select(l => (char)l)), Is.EqualTo(expected));
    }
}
