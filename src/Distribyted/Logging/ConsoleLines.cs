using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;

namespace Distribyted.Logging;

/// <summary>One line for the console: time, level unless it is info, message. An exception is its message; the file has the rest.</summary>
internal sealed class ConsoleLines(bool hasColours) : ITextFormatter
{
    private const string Plain = "\e[0m";
    private const string Grey = "\e[90m";
    private const string Yellow = "\e[33m";
    private const string Red = "\e[31m";

    public void Format(LogEvent logEvent, TextWriter output)
    {
        Write(output, Grey, logEvent.Timestamp.ToString("HH:mm:ss", CultureInfo.InvariantCulture) + " ");
        if (logEvent.Level != LogEventLevel.Information)
        {
            var colour = logEvent.Level switch
            {
                LogEventLevel.Warning => Yellow,
                LogEventLevel.Error or LogEventLevel.Fatal => Red,
                _ => Grey,
            };
            Write(output, colour, LogText.Level(logEvent.Level) + " ");
        }

        // Line ends in a message would fake a second line.
        output.Write(OneLine(LogText.Message(logEvent)));
        if (logEvent.Exception is { } exception)
        {
            output.Write($" ({exception.GetType().Name}: {OneLine(exception.Message)})");
        }

        output.Write('\n');
    }

    private static string OneLine(string text)
    {
        return text.ReplaceLineEndings(" ");
    }

    private void Write(TextWriter output, string colour, string text)
    {
        output.Write(hasColours ? colour + text + Plain : text);
    }
}
