using System.Text.Json;

namespace Distribyted.Dashboard.Logs;

/// <summary>A line of the log, parsed for users.</summary>
/// <param name="Number">Its place in the log since the start.</param>
/// <param name="At">When it was written.</param>
/// <param name="Level">How grave it is.</param>
/// <param name="Component">Which part of the program wrote it.</param>
/// <param name="Message">What happened.</param>
/// <param name="Details">The error that goes with it; null: none.</param>
internal sealed record LogLine(long Number, DateTimeOffset At, LogGrade Level, string Component, string Message, string? Details)
{
    /// <summary>Parses a line; what is no JSON is shown as it is.</summary>
    public static LogLine Parse(long number, ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return Plain(number, line);
            }

            return new LogLine(
                number,
                root.TryGetProperty("time", out var time) && time.TryGetDouble(out var seconds)
                    ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
                    : default,
                Grade(Text(root, "level")),
                Text(root, "component") ?? "",
                Text(root, "message") ?? "",
                Text(root, "exception")
            );
        }
        catch (JsonException)
        {
            return Plain(number, line);
        }
    }

    /// <summary>Whether it is at least that grave and contains that text, in any case.</summary>
    public bool Matches(LogGrade least, string? text)
    {
        return Level >= least
            && (
                string.IsNullOrWhiteSpace(text)
                || Message.Contains(text.Trim(), StringComparison.OrdinalIgnoreCase)
                || Component.Contains(text.Trim(), StringComparison.OrdinalIgnoreCase)
                || Details?.Contains(text.Trim(), StringComparison.OrdinalIgnoreCase) == true
            );
    }

    private static LogLine Plain(long number, ReadOnlySpan<byte> line)
    {
        return new LogLine(number, default, LogGrade.Info, "", System.Text.Encoding.UTF8.GetString(line).TrimEnd('\n'), null);
    }

    private static string? Text(JsonElement root, string name)
    {
        return root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static LogGrade Grade(string? level)
    {
        return level switch
        {
            "trace" or "debug" => LogGrade.Debug,
            "warn" => LogGrade.Warning,
            "error" or "fatal" => LogGrade.Error,
            _ => LogGrade.Info,
        };
    }
}
