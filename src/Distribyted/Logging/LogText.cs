using Serilog.Events;

namespace Distribyted.Logging;

/// <summary>What console and files have in common.</summary>
internal static class LogText
{
    public const string SourceContext = "SourceContext";

    /// <summary>Levels as the log file has always spelled them.</summary>
    public static string Level(LogEventLevel level)
    {
        return level switch
        {
            LogEventLevel.Verbose => "trace",
            LogEventLevel.Debug => "debug",
            LogEventLevel.Information => "info",
            LogEventLevel.Warning => "warn",
            LogEventLevel.Error => "error",
            _ => "fatal",
        };
    }

    /// <summary>The project ("BitTorrent"), or the namespace of others.</summary>
    public static string Component(LogEvent logEvent)
    {
        var source =
            logEvent.Properties.TryGetValue(SourceContext, out var value) && value is ScalarValue { Value: string text }
                ? text
                : "Distribyted";
        var parts = source.Split('.');
        return parts is ["Distribyted", var project, ..] ? project : source;
    }

    /// <summary>Texts without the quotes that Serilog puts around them.</summary>
    public static string Message(LogEvent logEvent)
    {
        using var text = new StringWriter();
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (
                token is Serilog.Parsing.PropertyToken property
                && logEvent.Properties.TryGetValue(property.PropertyName, out var value)
                && value is ScalarValue { Value: string plain }
            )
            {
                text.Write(plain);
            }
            else
            {
                token.Render(logEvent.Properties, text, System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return text.ToString();
    }
}
