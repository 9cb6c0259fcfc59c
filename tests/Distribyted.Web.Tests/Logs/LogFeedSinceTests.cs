using System.Text;
using Distribyted.Web.Logs;

namespace Distribyted.Web.Tests.Logs;

internal sealed class LogFeedSinceTests
{
    [Test]
    public void Who_looks_now_and_then_gets_each_line_once()
    {
        var feed = new LogFeed();
        feed.Append("a");
        feed.Append("b");

        var first = feed.Since(0, 100);
        var none = feed.Since(first.Number, 100);
        feed.Append("c");
        var second = feed.Since(none.Number, 100);

        Assert.That((Text(first.Lines), Text(none.Lines), Text(second.Lines), second.Number), Is.EqualTo(("a\nb\n", "", "c\n", 3L)));
    }

    [Test]
    public void Of_too_many_the_newest_are_given()
    {
        var feed = new LogFeed();
        for (var i = 0; i < 10; i++)
        {
            feed.Append($"{i}");
        }

        Assert.That(Text(feed.Since(0, 3).Lines), Is.EqualTo("7\n8\n9\n"));
        Assert.That(feed.Since(0, 3).Number, Is.EqualTo(10));
    }

    [Test]
    public void Lines_that_are_kept_no_more_are_passed_over()
    {
        var feed = new LogFeed();
        var line = new string('x', 100_000);
        for (var i = 0; i < 30; i++)
        {
            feed.Append(line);
        }

        Assert.That(feed.Since(0, 1000).Lines, Has.Count.EqualTo(10));
    }

    private static string Text(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        return string.Concat(lines.Select(line => Encoding.UTF8.GetString(line.Span)));
    }
}
