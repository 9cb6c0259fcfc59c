using System.Text;

namespace Distribyted.Configuration;

/// <summary>Collects every mistake and warning of all sources, so that all of them are reported at once.</summary>
internal sealed class ConfigurationReport
{
    /// <summary>EX_CONFIG of sysexits.h; the systemd unit does not restart on it.</summary>
    public const int ExitCode = 78;

    private static readonly Comparer<Origin> ByPlace = Comparer<Origin>.Create(Origin.Compare);

    private readonly List<Mistake> _mistakes = [];
    private readonly List<Mistake> _warnings = [];

    public bool HasMistakes => _mistakes.Count > 0;

    public IReadOnlyList<Mistake> Mistakes => [.. _mistakes.OrderBy(m => m.Origin, ByPlace)];

    public IReadOnlyList<Mistake> Warnings => [.. _warnings.OrderBy(m => m.Origin, ByPlace)];

    public void Wrong(Origin origin, string key, string text)
    {
        _mistakes.Add(new Mistake(origin, key, text));
    }

    public void Warn(Origin origin, string key, string text)
    {
        _warnings.Add(new Mistake(origin, key, text));
    }

    /// <summary>All mistakes as one text; empty when there are none.</summary>
    public override string ToString()
    {
        if (!HasMistakes)
        {
            return "";
        }

        var mistakes = Mistakes;
        var text = new StringBuilder();
        var count = mistakes.Count == 1 ? "1 mistake" : $"{mistakes.Count} mistakes";
        text.Append("distribyted: ").Append(count).Append(" in the configuration; nothing was started.\n");
        text.Append(Lines(mistakes));
        return text.Append("Check again without starting: distribyted check (with the same flags)\n").ToString();
    }

    /// <summary>One line each, the places in a column of their own.</summary>
    public static string Lines(IReadOnlyList<Mistake> mistakes)
    {
        var text = new StringBuilder();
        var width = mistakes.Count == 0 ? 0 : mistakes.Max(m => m.Origin.ToString().Length) + 3;
        foreach (var mistake in mistakes)
        {
            text.Append("  ").Append(mistake.Origin.ToString().PadRight(width)).Append(mistake.Text).Append('\n');
        }

        return text.ToString();
    }
}
