using System.Text;
using Distribyted.Web.Logs;

namespace Distribyted.Web.Tests.Logs;

internal sealed class LogFeedTests
{
    [Test]
    public void The_last_lines_are_whole_and_fit()
    {
        var feed = new LogFeed();
        for (var i = 0; i < 10; i++)
        {
            feed.Append($"line {i}");
        }

        Assert.That(Text(feed.Last(16)), Is.EqualTo("line 8\nline 9\n"));
        Assert.That(Text(feed.Last(13)), Is.EqualTo("line 9\n"));
        Assert.That(Text(feed.Last(0)), Is.Empty);
    }

    [Test]
    public void It_keeps_a_mebibyte_and_lets_the_oldest_go()
    {
        var feed = new LogFeed();
        var line = new string('x', 1023);
        for (var i = 0; i < 3000; i++)
        {
            feed.Append(line);
        }

        Assert.That(feed.Last(int.MaxValue), Has.Count.EqualTo(1024));
    }

    [Test, CancelAfter(60_000)]
    public async Task A_follower_gets_what_was_and_what_comes_each_line_once(CancellationToken cancellationToken)
    {
        var feed = new LogFeed();
        feed.Append("0");
        var seen = new List<string>();

        await foreach (var line in feed.FollowAsync(1000, cancellationToken))
        {
            seen.Add(Encoding.UTF8.GetString(line.Span).Trim());
            if (seen.Count == 100)
            {
                break;
            }

            feed.Append($"{seen.Count}");
        }

        Assert.That(seen, Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"{i}")));
    }

    private static string Text(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        return string.Concat(lines.Select(l => Encoding.UTF8.GetString(l.Span)));
    }
}
