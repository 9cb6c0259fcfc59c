using System.Text;
using System.Text.Json;
using Distribyted.Logging;
using Distribyted.Web.Logs;
using Microsoft.Extensions.Logging;
using Serilog.Extensions.Logging;

namespace Distribyted.Tests.Logging;

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
    public void Levels_of_single_projects_win_over_the_level_of_all()
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
    public void A_log_that_is_truncated_in_place_goes_on_at_its_beginning()
    {
        using var file = new LogFile(new LogOptions { Folder = _folder }, TimeProvider.System);
        var path = Path.Combine(_folder, "distribyted.log");
        file.Append("before, and quite long");
        File.Copy(path, path + ".1");
        File.WriteAllText(path, ""); // copytruncate of logrotate(8)

        file.Append("after");

        Assert.That(File.ReadAllText(path), Is.EqualTo("after\n"), "without a hole of NULs");
    }

    [TestCase(false, TestName = "A_log_that_is_removed_is_made_again")]
    [TestCase(true, TestName = "A_log_whose_folder_is_removed_is_made_again")]
    public void A_log_that_is_removed_is_made_again(bool withItsFolder)
    {
        var folder = Path.Combine(_folder, "logs");
        using var file = new LogFile(new LogOptions { Folder = folder }, TimeProvider.System);
        file.Append("before");
        if (withItsFolder)
        {
            Directory.Delete(folder, recursive: true);
        }
        else
        {
            File.Delete(Path.Combine(folder, "distribyted.log"));
        }

        file.Append("after");

        Assert.That(File.ReadAllText(Path.Combine(folder, "distribyted.log")), Is.EqualTo("after\n"));
    }

    [Test]
    public void A_log_that_was_replaced_by_an_empty_one_is_written_there()
    {
        using var file = new LogFile(new LogOptions { Folder = _folder }, TimeProvider.System);
        var path = Path.Combine(_folder, "distribyted.log");
        file.Append("before");
        File.Move(path, path + ".1");
        File.WriteAllText(path, ""); // create of logrotate(8), without a signal

        file.Append("after");

        Assert.That(File.ReadAllText(path), Is.EqualTo("after\n"));
        Assert.That(File.ReadAllText(path + ".1"), Is.EqualTo("before\n"));
    }

    [Test]
    public void A_log_that_cannot_be_written_costs_lines_and_comes_back()
    {
        var folder = Path.Combine(_folder, "logs");
        using var file = new LogFile(new LogOptions { Folder = folder }, TimeProvider.System);
        File.WriteAllText(folder, "a file where the folder should be");
        file.Append("lost");
        File.Delete(folder);

        file.Append("kept");

        Assert.That(File.ReadAllText(Path.Combine(folder, "distribyted.log")), Is.EqualTo("kept\n"));
    }

    [Test]
    public void Old_logs_go_by_age()
    {
        var old = Path.Combine(_folder, "distribyted-20200101T000000.0000000.log");
        File.WriteAllText(old, "old\n");
        File.SetLastWriteTimeUtc(old, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var options = new LogOptions
        {
            Folder = _folder,
            MaxSize = 10,
            MaxBackups = 0,
            MaxAge = 30,
        };
        using var file = new LogFile(options, TimeProvider.System);

        file.Append("one line of many bytes");
        file.Append("another");
        file.Append("a third");

        Assert.That(File.Exists(old), Is.False);
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(3), "all others are kept");
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
    public void The_console_has_one_line_for_users()
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
        using var file = options.Folder.Length > 0 ? new LogFile(options, TimeProvider.System) : null;
        using var logger = LogFiles.Create(options, feed, file);
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
