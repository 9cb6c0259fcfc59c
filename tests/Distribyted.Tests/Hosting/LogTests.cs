using System.Text;
using System.Text.Json;
using Distribyted.Configuration;
using Distribyted.Hosting;
using Distribyted.Web;
using Microsoft.Extensions.Logging;
using Serilog.Extensions.Logging;

namespace Distribyted.Tests.Hosting;

internal sealed class LogTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("distribyted-test-").FullName;
    }

    [TearDown]
    public void RemoveFolder()
    {
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void A_line_has_time_level_component_message_and_then_its_properties()
    {
        var text = Written(
            new LogOptions { Folder = "", Console = false },
            log => log.CreateLogger("Distribyted.Routes.RouteManager").LogWarning("Route {Route}: {Count} \"things\"\nand more", "films", 3)
        );

        using var document = JsonDocument.Parse(text);
        var fields = document.RootElement;
        Assert.That(fields.EnumerateObject().Select(p => p.Name).Take(4), Is.EqualTo(["time", "level", "component", "message"]));
        Assert.That(fields.GetProperty("level").GetString(), Is.EqualTo("warn"));
        Assert.That(fields.GetProperty("component").GetString(), Is.EqualTo("Routes"));
        Assert.That(fields.GetProperty("message").GetString(), Is.EqualTo("Route films: 3 \"things\"\nand more"));
        Assert.That(fields.GetProperty("Route").GetString(), Is.EqualTo("films"));
        Assert.That(fields.GetProperty("Count").GetInt32(), Is.EqualTo(3));
        Assert.That(text.Count(c => c == '\n'), Is.EqualTo(1));
    }

    [Test]
    public void Levels_of_single_rooms_win_over_the_level_of_all()
    {
        var options = new LogOptions
        {
            Folder = "",
            Console = false,
            Level = LogThreshold.Warn,
            Levels = new Dictionary<string, LogThreshold>(StringComparer.Ordinal) { ["BitTorrent"] = LogThreshold.Debug },
        };

        var text = Written(
            options,
            log =>
            {
                log.CreateLogger("Distribyted.Routes.X").LogInformation("one");
                log.CreateLogger("Distribyted.BitTorrent.X").LogDebug("two");
                log.CreateLogger("Microsoft.AspNetCore.X").LogInformation("three");
            }
        );

        Assert.That(text, Does.Contain("two").And.Not.Contain("one\"").And.Not.Contain("three"));
    }

    [Test]
    public void Files_are_rolled_at_their_size_and_old_ones_go()
    {
        var options = new LogOptions
        {
            Folder = _folder,
            Console = false,
            MaxSize = 10_000,
            MaxBackups = 2,
        };

        Written(
            options,
            log =>
            {
                for (var i = 0; i < 500; i++)
                {
                    log.CreateLogger("Distribyted.Web").LogInformation("A line of about a hundred bytes, number {Number}.", i);
                }
            }
        );

        var files = Directory.GetFiles(_folder, "*.log");
        Assert.That(files, Has.Length.EqualTo(3));
        Assert.That(files.Select(f => new FileInfo(f).Length), Is.All.LessThan(11_000));
    }

    [Test]
    public void The_feed_begins_with_the_end_of_the_former_run()
    {
        var options = new LogOptions { Folder = _folder, Console = false };
        Written(options, log => log.CreateLogger("Distribyted.Web").LogInformation("the former run"));

        var text = Written(options, log => log.CreateLogger("Distribyted.Web").LogInformation("this run"));

        Assert.That(text, Does.Contain("the former run").And.Contain("this run"));
    }

    [Test]
    public void The_console_has_one_line_for_people()
    {
        var text = new StringWriter();
        var exception = new InvalidOperationException("first\nsecond");
        using var logger = new Serilog.LoggerConfiguration()
            .WriteTo.Sink(new TextSink(new ConsoleLines(hasColours: false), text))
            .CreateLogger();

        logger.Warning(exception, "Cannot read {Path}", "a\nb");

        Assert.That(text.ToString(), Does.Match(@"^\d\d:\d\d:\d\d warn Cannot read a b \(InvalidOperationException: first second\)\n$"));
    }

    private static string Written(LogOptions options, Action<ILoggerFactory> write)
    {
        var feed = new LogFeed();
        using var logger = LogFiles.Create(options, feed);
        using var factory = new SerilogLoggerFactory(logger);
        write(factory);
        return string.Concat(feed.Last(1 << 20).Select(line => Encoding.UTF8.GetString(line.Span)));
    }

    private sealed class TextSink(ConsoleLines lines, StringWriter text) : Serilog.Core.ILogEventSink
    {
        public void Emit(Serilog.Events.LogEvent logEvent)
        {
            lines.Format(logEvent, text);
        }
    }
}
