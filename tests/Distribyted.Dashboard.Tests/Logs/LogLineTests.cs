using System.Text;
using Distribyted.Dashboard.Logs;

namespace Distribyted.Dashboard.Tests.Logs;

internal sealed class LogLineTests
{
    [Test]
    public void A_line_is_parsed()
    {
        const string Text =
            """{"time":1700000000.25,"level":"warn","component":"dht","message":"No answer","exception":"boom","Route":"films"}""";

        var line = LogLine.Parse(7, Encoding.UTF8.GetBytes(Text + "\n"));

        Assert.That(
            line,
            Is.EqualTo(new LogLine(7, DateTimeOffset.FromUnixTimeMilliseconds(1700000000250), LogGrade.Warning, "dht", "No answer", "boom"))
        );
    }

    [TestCase("plain text\n", "plain text")]
    [TestCase("[1]\n", "[1]")]
    [TestCase("{\"message\":5}\n", "")]
    public void What_is_no_such_line_is_shown_all_the_same(string text, string message)
    {
        Assert.That(LogLine.Parse(0, Encoding.UTF8.GetBytes(text)).Message, Is.EqualTo(message));
    }

    [TestCase(LogGrade.Info, null, true)]
    [TestCase(LogGrade.Error, null, false)]
    [TestCase(LogGrade.Debug, " ANSWER ", true)]
    [TestCase(LogGrade.Debug, "dht", true)]
    [TestCase(LogGrade.Debug, "tracker", false)]
    public void A_filter_is_by_level_and_by_text_in_any_case(LogGrade least, string? text, bool matches)
    {
        var line = new LogLine(0, default, LogGrade.Warning, "dht", "No answer", null);

        Assert.That(line.Matches(least, text), Is.EqualTo(matches));
    }
}
