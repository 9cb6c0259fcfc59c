using Distribyted.Web.Logs;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Distribyted.Logging;

/// <summary>Where log lines go: the console, rolling JSON files, and the feed that <c>/api/log</c> answers from.</summary>
internal static class LogFiles
{
    // Short names of our projects in log.levels.
    private static readonly string[] Projects = ["BitTorrent", "FileSystem", "Routes", "Http", "WebDav", "Web", "Hosting"];

    /// <summary>Makes the logger.</summary>
    /// <param name="options"><c>log:</c>.</param>
    /// <param name="feed">Takes every line, too; it is filled with the end of the newest file.</param>
    /// <param name="file">Takes every line, too; null: no files.</param>
    public static Logger Create(LogOptions options, LogFeed feed, LogFile? file)
    {
        var formatter = new JsonLines();
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(Level(options.Lowest))
            .MinimumLevel.Override("Microsoft", Quiet(options))
            .MinimumLevel.Override("System", Quiet(options))
            .Enrich.FromLogContext()
            .Filter.ByExcluding(e => e.MessageTemplate.Text == "Hosting failed to start"); // the command that started the host reports it
        foreach (var (name, level) in options.Levels)
        {
            logger.MinimumLevel.Override(Projects.Contains(name) ? "Distribyted." + name : name, Level(level));
        }

        if (options.Console)
        {
            logger.WriteTo.Console(options.JsonConsole ? formatter : new ConsoleLines(!System.Console.IsOutputRedirected));
        }

        if (file is not null)
        {
            Fill(feed, options.Folder);
        }

        return logger.WriteTo.Sink(new LineSink(feed, file, formatter)).CreateLogger();
    }

    // The framework tells of every request at Information; too much here.
    private static LogEventLevel Quiet(LogOptions options)
    {
        return options.Lowest == LogThreshold.Trace ? LogEventLevel.Debug
            : options.Lowest == LogThreshold.Error ? LogEventLevel.Error
            : LogEventLevel.Warning;
    }

    private static LogEventLevel Level(LogThreshold threshold)
    {
        return threshold switch
        {
            LogThreshold.Trace => LogEventLevel.Verbose,
            LogThreshold.Debug => LogEventLevel.Debug,
            LogThreshold.Warn => LogEventLevel.Warning,
            LogThreshold.Error => LogEventLevel.Error,
            _ => LogEventLevel.Information,
        };
    }

    // The end of the newest file, so that /api/log tells of the former run, too.
    private static void Fill(LogFeed feed, string folder)
    {
        const int Tail = 64 * 1024;
        if (LogFile.Newest(folder) is not { } newest)
        {
            return;
        }

        using var file = new FileStream(newest.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(Math.Max(0, file.Length - Tail), SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        if (file.Length > Tail)
        {
            reader.ReadLine(); // half a line
        }

        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                feed.Append(line);
            }
        }
    }

    private sealed class LineSink(LogFeed feed, LogFile? file, JsonLines formatter) : ILogEventSink
    {
        public void Emit(LogEvent logEvent)
        {
            using var text = new StringWriter();
            formatter.Format(logEvent, text);
            var line = text.ToString().TrimEnd('\n');
            feed.Append(line);
            file?.Append(line);
        }
    }
}
