using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Json;

namespace Distribyted.Logging;

/// <summary>A log line as JSON with the fields that it has always had: <c>time</c> (Unix seconds), <c>level</c>, <c>component</c>, <c>message</c>, then properties.</summary>
internal sealed class JsonLines : ITextFormatter
{
    private static readonly JsonValueFormatter Values = new(typeTagName: null);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var seconds = logEvent.Timestamp.ToUnixTimeMilliseconds() / 1000.0;
        output.Write("{\"time\":");
        output.Write(seconds.ToString("0.000", CultureInfo.InvariantCulture));
        output.Write(",\"level\":\"");
        output.Write(LogText.Level(logEvent.Level));
        output.Write("\",\"component\":");
        JsonValueFormatter.WriteQuotedJsonString(LogText.Component(logEvent), output);
        output.Write(",\"message\":");
        JsonValueFormatter.WriteQuotedJsonString(LogText.Message(logEvent), output);
        if (logEvent.Exception is { } exception)
        {
            output.Write(",\"exception\":");
            JsonValueFormatter.WriteQuotedJsonString(exception.ToString(), output);
        }

        foreach (var (name, value) in logEvent.Properties)
        {
            if (name is not (LogText.SourceContext or "EventId"))
            {
                output.Write(',');
                JsonValueFormatter.WriteQuotedJsonString(name is "time" or "level" or "component" or "message" ? "_" + name : name, output);
                output.Write(':');
                Values.Format(value, output);
            }
        }

        output.Write("}\n");
    }
}
